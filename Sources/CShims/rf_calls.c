/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "rf_calls.h"

#include <unistd.h>

long rf_unknown_call(long number, unsigned long argument)
{
	return syscall(number, argument);
}
