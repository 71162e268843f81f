/* SPDX-License-Identifier: Apache-2.0 */
/* gnu/libc-version.h is not in Glibc's module map. */
#ifndef RF_LIBC_H
#define RF_LIBC_H

#include <gnu/libc-version.h>

#endif
