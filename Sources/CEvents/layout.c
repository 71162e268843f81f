/* SPDX-License-Identifier: Apache-2.0 */
/* Compiles the assertions of the shared header for user space. */
#include "ringfence_slots.h"
