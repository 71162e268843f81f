/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* One object an architecture: all programs share the maps, and user space loads those that the kernel can run. */
#include "kernel.h"

#include "ringfence_events.h"

#include "capabilities.c"
#include "cgroups.c"
#include "dns.c"
#include "fallback.c"
#include "io_uring.c"
#include "network.c"
#include "processes.c"
#include "sys_enter.c"
#include "sys_exit.c"
#include "tasks.c"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
