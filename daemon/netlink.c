/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/netlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <signal.h>
#include <sys/socket.h>

#include "netlink.h"

/* Larger than what a kernel puts into one datagram of a dump (32 KiB). */
#define RECEIVE_BYTES 65536
/* TCA_OPTIONS of any qdisc fit; what does not is refused by nla_put. */
#define MESSAGE_BYTES 8192

struct Netlink {
        struct nl_sock *sock;
        struct nl_cb *cb;
        char explain[128];
        bool unaccounted;
        bool unread; /* what a call that ended early has left in the socket */
        /* of the call under way */
        netlink_reply_t reply;
        void *userdata;
        uint32_t seq;
        int result;
        bool done;
        bool interrupted;
};

static struct {
        uint64_t count;
        uint64_t changes;
        unsigned fail_at;
        bool crash;
        bool failed;
} state;

uint64_t netlink_count(void)
{
        return state.count;
}

uint64_t netlink_changes(void)
{
        return state.changes;
}

void netlink_fail_at(unsigned n, bool crash)
{
        state.fail_at = n;
        state.crash = crash;
        state.failed = false;
}

bool netlink_failed(void)
{
        return state.failed;
}

static int count_only(void)
{
        state.count++;
        return 0;
}

int netlink_account(void)
{
        if (state.fail_at > 0 && --state.fail_at == 0) {
                if (state.crash)
                        (void)raise(SIGKILL);
                state.failed = true;
                return -EIO;
        }
        state.count++;
        state.changes++;
        return 0;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
        Netlink *nl = arg;
        int r;

        if (!nl->reply || nl->result < 0)
                return NL_OK;
        r = nl->reply(nlmsg_hdr(msg), nl->userdata);
        if (r < 0)
                nl->result = r;
        return NL_OK;
}

static int on_end(struct nl_msg *msg, void *arg)
{
        Netlink *nl = arg;

        nl->done = true;
        return NL_STOP;
}

/* Skips what is of an earlier call. */
static int on_sequence(struct nl_msg *msg, void *arg)
{
        const Netlink *nl = arg;

        return nlmsg_hdr(msg)->nlmsg_seq == nl->seq ? NL_OK : NL_SKIP;
}

static int on_interrupted(struct nl_msg *msg, void *arg)
{
        Netlink *nl = arg;

        nl->interrupted = true;
        return NL_OK;
}

/* With NETLINK_EXT_ACK and NETLINK_CAP_ACK attributes follow the header of the
 * refused request. */
static void read_explanation(Netlink *nl, const struct nlmsgerr *e)
{
        const struct nlmsghdr *nlh =
                (const struct nlmsghdr *)(const void *)((const char *)e - NLMSG_HDRLEN);
        size_t head = sizeof(*e), length;
        struct nlattr *a;

        if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
                return;
        if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
                head += e->msg.nlmsg_len - NLMSG_HDRLEN;
        length = nlh->nlmsg_len - NLMSG_HDRLEN;
        if (length < head)
                return;
        a = nla_find((const struct nlattr *)(const void *)((const char *)e + head),
                     (int)(length - head), NLMSGERR_ATTR_MSG);
        if (a)
                (void)snprintf(nl->explain, sizeof(nl->explain), "%.*s", nla_len(a),
                               (const char *)nla_data(a));
}

static int on_error(struct sockaddr_nl *nla, struct nlmsgerr *e, void *arg)
{
        Netlink *nl = arg;

        nl->result = e->error;
        nl->done = true;
        read_explanation(nl, e);
        return NL_STOP;
}

int netlink_new(Netlink **ret)
{
        _cleanup_(netlink_freep) Netlink *nl = NULL;
        int one = 1, fd;

        nl = calloc(1, sizeof(*nl));
        if (!nl)
                return -ENOMEM;
        nl->sock = nl_socket_alloc();
        nl->cb = nl_cb_alloc(NL_CB_DEFAULT);
        if (!nl->sock || !nl->cb)
                return -ENOMEM;
        if (nl_connect(nl->sock, NETLINK_ROUTE) < 0)
                return -errno;
        fd = nl_socket_get_fd(nl->sock);
        (void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
        (void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
        (void)nl_socket_set_msg_buf_size(nl->sock, RECEIVE_BYTES);
        nl_socket_disable_msg_peek(nl->sock);
        /* The kernel answers before sendmsg() returns: what is not there never comes. */
        if (nl_socket_set_nonblocking(nl->sock) < 0)
                return -EIO;

        (void)nl_cb_set(nl->cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, nl);
        (void)nl_cb_set(nl->cb, NL_CB_ACK, NL_CB_CUSTOM, on_end, nl);
        (void)nl_cb_set(nl->cb, NL_CB_FINISH, NL_CB_CUSTOM, on_end, nl);
        (void)nl_cb_set(nl->cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_sequence, nl);
        (void)nl_cb_set(nl->cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupted, nl);
        (void)nl_cb_err(nl->cb, NL_CB_CUSTOM, on_error, nl);

        *ret = TAKE_PTR(nl);
        return 0;
}

void netlink_free(Netlink *nl)
{
        if (!nl)
                return;
        if (nl->cb)
                nl_cb_put(nl->cb);
        if (nl->sock)
                nl_socket_free(nl->sock);
        free(nl);
}

void netlink_unaccounted(Netlink *nl)
{
        nl->unaccounted = true;
}

uint32_t netlink_port(const Netlink *nl)
{
        return nl_socket_get_local_port(nl->sock);
}

const char *netlink_explain(const Netlink *nl)
{
        return nl->explain;
}

/* rtnetlink numbers its types in fours: new, del, get, set. */
static bool is_get(const struct nl_msg *msg)
{
        return (nlmsg_hdr((struct nl_msg *)msg)->nlmsg_type & 3) == 2;
}

/* Left there, answers fill the socket until the kernel drops the next ones.  Takes no memory:
 * the lack of it is why they are there. */
static void drop_unread(Netlink *nl)
{
        const int fd = nl_socket_get_fd(nl->sock);
        char byte;

        while (recv(fd, &byte, sizeof(byte), MSG_DONTWAIT | MSG_TRUNC) >= 0 || errno == ENOBUFS ||
               errno == EINTR)
                ;
        nl->unread = false;
}

static int send_and_read(Netlink *nl, struct nl_msg *msg, netlink_reply_t reply, void *userdata)
{
        int r;

        nl->explain[0] = '\0';
        nl->reply = reply;
        nl->userdata = userdata;
        nl->result = 0;
        nl->done = nl->interrupted = false;
        if (nl->unread)
                drop_unread(nl);

        nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_ACK;
        r = nl_send_auto(nl->sock, msg);
        if (r < 0)
                return errno > 0 ? -errno : -EIO;
        nl->seq = nlmsg_hdr(msg)->nlmsg_seq;
        while (!nl->done) {
                r = nl_recvmsgs(nl->sock, nl->cb);
                if (r < 0 && !nl->done) {
                        nl->unread = true;
                        return r == -NLE_NOMEM ? -ENOMEM : -EIO;
                }
        }
        if (nl->result < 0)
                return nl->result;
        return nl->interrupted ? -EAGAIN : 0;
}

int netlink_call(Netlink *nl, struct nl_msg *msg, netlink_reply_t reply, void *userdata)
{
        int r = 0;

        if (!nl->unaccounted)
                r = is_get(msg) ? count_only() : netlink_account();
        return r < 0 ? r : send_and_read(nl, msg, reply, userdata);
}

int netlink_ask(Netlink *nl, struct nl_msg *msg)
{
        (void)count_only();
        return send_and_read(nl, msg, NULL, NULL);
}

static int message_new(uint16_t type, int flags, const void *header, size_t size, const char *kind,
                       struct nl_msg **ret)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;

        msg = nlmsg_alloc_size(MESSAGE_BYTES);
        if (!msg || !nlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, type, 0, flags | NLM_F_REQUEST) ||
            nlmsg_append(msg, (void *)(uintptr_t)header, size, NLMSG_ALIGNTO) < 0)
                return -ENOMEM;
        if (kind && nla_put_string(msg, TCA_KIND, kind) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(msg);
        return 0;
}

int netlink_tc(uint16_t type, int flags, unsigned ifindex, uint32_t parent, uint32_t handle,
               const char *kind, struct nl_msg **ret)
{
        struct tcmsg t = {
                .tcm_family = AF_UNSPEC,
                .tcm_ifindex = (int)ifindex,
                .tcm_parent = parent,
                .tcm_handle = handle,
        };

        return message_new(type, flags, &t, sizeof(t), kind, ret);
}

int netlink_link(uint16_t type, int flags, unsigned ifindex, struct nl_msg **ret)
{
        struct ifinfomsg i = {.ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex};

        return message_new(type, flags, &i, sizeof(i), NULL, ret);
}

int netlink_route(uint16_t type, int flags, uint8_t family, struct nl_msg **ret)
{
        struct rtmsg t = {.rtm_family = family};

        return message_new(type, flags, &t, sizeof(t), NULL, ret);
}

int netlink_neighbour(uint16_t type, int flags, unsigned ifindex, uint8_t family, uint8_t ntf,
                      struct nl_msg **ret)
{
        struct ndmsg n = {.ndm_family = family, .ndm_ifindex = (int)ifindex, .ndm_flags = ntf};

        return message_new(type, flags, &n, sizeof(n), NULL, ret);
}
