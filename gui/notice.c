/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notice.h"

struct _P2sNotice {
        GtkWidget parent_instance;
        GtkRevealer *revealer;
        GtkLabel *title, *body;
        GtkWidget *close;
};

G_DEFINE_FINAL_TYPE(P2sNotice, p2s_notice, GTK_TYPE_WIDGET)

/* Hidden, it must not keep the space that a box puts between its children. */
static void on_child_revealed(P2sNotice *self)
{
        gtk_widget_set_visible(GTK_WIDGET(self),
                               gtk_revealer_get_reveal_child(self->revealer) ||
                                       gtk_revealer_get_child_revealed(self->revealer));
}

static void p2s_notice_dispose(GObject *object)
{
        P2sNotice *self = P2S_NOTICE(object);

        if (self->revealer)
                gtk_widget_unparent(GTK_WIDGET(self->revealer));
        self->revealer = NULL;
        G_OBJECT_CLASS(p2s_notice_parent_class)->dispose(object);
}

static void p2s_notice_class_init(P2sNoticeClass *klass)
{
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        G_OBJECT_CLASS(klass)->dispose = p2s_notice_dispose;
        gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_ALERT);
        gtk_widget_class_set_template_from_resource(widget_class, "/org/p2s/Panel/notice.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sNotice, revealer);
        gtk_widget_class_bind_template_child(widget_class, P2sNotice, title);
        gtk_widget_class_bind_template_child(widget_class, P2sNotice, body);
        gtk_widget_class_bind_template_child(widget_class, P2sNotice, close);
        gtk_widget_class_bind_template_callback(widget_class, p2s_notice_hide);
}

static void p2s_notice_init(P2sNotice *self)
{
        gtk_widget_init_template(GTK_WIDGET(self));
        g_signal_connect_swapped(self->revealer, "notify::child-revealed",
                                 G_CALLBACK(on_child_revealed), self);
}

void p2s_notice_show(P2sNotice *self, const char *title, const char *body, gboolean closable)
{
        gtk_label_set_label(self->title, title);
        gtk_label_set_label(self->body, body);
        gtk_widget_set_visible(GTK_WIDGET(self->body), body && *body);
        gtk_widget_set_visible(self->close, closable);
        gtk_widget_set_visible(GTK_WIDGET(self), TRUE);
        gtk_revealer_set_reveal_child(self->revealer, TRUE);
}

void p2s_notice_hide(P2sNotice *self)
{
        gtk_revealer_set_reveal_child(self->revealer, FALSE);
        on_child_revealed(self);
}
