/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PropertiesChanged: once for each change that a client can see, and only then.
 *
 * What every property would read as is kept as it was last announced; whoever may
 * have changed something asks to compare, and need not know what it was. */
#pragma once

#include "manager.h"

typedef struct Changes Changes;

/* What the properties are now counts as announced. */
int changes_new(Manager *m, Changes **ret);
Changes *changes_free(Changes *c);

/* Emits one signal with all properties that differ from what was last announced;
 * none where nothing does. */
void changes_announce(Changes *c);

DEFINE_CLEANUP(Changes *, changes_free)
