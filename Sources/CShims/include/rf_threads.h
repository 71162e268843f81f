/* SPDX-License-Identifier: Apache-2.0 */
/* pthread_setname_np(3) is a _GNU_SOURCE function, which Glibc's module map leaves out. */
#ifndef RF_THREADS_H
#define RF_THREADS_H

/* Names the calling thread for ps(1) and the like; at most 15 bytes count. */
void rf_name_thread(const char *name);

#endif
