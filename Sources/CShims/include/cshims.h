/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp_shim.h"
