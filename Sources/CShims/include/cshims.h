/* SPDX-License-Identifier: Apache-2.0 */
/* What Glibc's module map lacks; no logic beyond one system call's needs. */
#include "rf_calls.h"
#include "rf_libc.h"
#include "rf_piped.h"
#include "rf_signals.h"
#include "rf_sockets.h"
#include "rf_spawn.h"
#include "rf_threads.h"
#include "seccomp_shim.h"
