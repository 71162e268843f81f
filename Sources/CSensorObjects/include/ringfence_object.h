/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel programs for the architecture this was built for, compiled ahead of time from bpf/. */
#ifndef RINGFENCE_OBJECT_H
#define RINGFENCE_OBJECT_H

#include <stddef.h>

/* The bytes of the object file; they live as long as the process. */
const void *rf_object_bytes(void);
size_t rf_object_size(void);

#endif
