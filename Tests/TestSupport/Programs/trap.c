/* SPDX-License-Identifier: Apache-2.0 */
/* Dies of a signal before its first system call. Built with -nostdlib. */
void _start(void)
{
	__builtin_trap();
}
