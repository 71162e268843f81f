/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* What differs between architectures: which ABI a call uses, its number and its first arguments. */
#ifndef RF_CALLS_H
#define RF_CALLS_H

#include "maps.h"

#if defined(__TARGET_ARCH_x86)

#define RF_TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h */
#define RF_X32_BIT 0x40000000

static __always_inline __u32 rf_abi_of(struct task_struct *task, long *number)
{
	if (task->thread_info.status & RF_TS_COMPAT)
		return RF_ABI_COMPAT;
	if (*number >= RF_X32_BIT) {
		*number &= ~RF_X32_BIT;
		return RF_ABI_X32;
	}
	return RF_ABI_NATIVE;
}

static __always_inline long rf_number_at_exit(struct pt_regs *regs)
{
	return (int)regs->orig_ax;
}

static __always_inline __u64 rf_first_argument(struct pt_regs *regs, __u32 abi)
{
	return abi == RF_ABI_COMPAT ? regs->bx : regs->di;
}

static __always_inline void rf_all_arguments(struct pt_regs *regs, __u32 abi, __u64 *args)
{
	if (abi == RF_ABI_COMPAT) {
		args[0] = (__u32)regs->bx;
		args[1] = (__u32)regs->cx;
		args[2] = (__u32)regs->dx;
		args[3] = (__u32)regs->si;
		args[4] = (__u32)regs->di;
		args[5] = (__u32)regs->bp;
		return;
	}
	args[0] = regs->di;
	args[1] = regs->si;
	args[2] = regs->dx;
	args[3] = regs->r10;
	args[4] = regs->r8;
	args[5] = regs->r9;
}

#define RF_IS_SOCKET(abi, nr) ((nr) == ((abi) == RF_ABI_COMPAT ? 359 : 41))
#define RF_IS_CLONE(abi, nr) ((nr) == ((abi) == RF_ABI_COMPAT ? 120 : 56))
#define RF_IS_SOCKETCALL(abi, nr) ((abi) == RF_ABI_COMPAT && (nr) == 102)
#define RF_KEEPS_ARGUMENTS_OF(nr) ((nr) == 41 || (nr) == 56)
#define RF_IS_IOCTL(abi, nr) ((nr) == ((abi) == RF_ABI_COMPAT ? 54 : (abi) == RF_ABI_X32 ? 514 : 16))
#define RF_IS_PERSONALITY(abi, nr) ((nr) == ((abi) == RF_ABI_COMPAT ? 136 : 135))
#define RF_IS_PRCTL(abi, nr) ((nr) == ((abi) == RF_ABI_COMPAT ? 172 : 157))
/* mmap, mprotect, brk, mremap, shmat, clone, fork, vfork, execve, execveat, clone3 */
#define RF_TAKES_MEMORY(nr)                                                                                            \
	((nr) == 9 || (nr) == 10 || (nr) == 12 || (nr) == 25 || (nr) == 30 || ((nr) >= 56 && (nr) <= 59) || (nr) == 322 ||   \
	 (nr) == 435)

#elif defined(__TARGET_ARCH_arm64)

#define RF_TIF_32BIT 22 /* arch/arm64/include/asm/thread_info.h */

static __always_inline __u32 rf_abi_of(struct task_struct *task, long *number)
{
	return task->thread_info.flags & (1ul << RF_TIF_32BIT) ? RF_ABI_COMPAT : RF_ABI_NATIVE;
}

static __always_inline long rf_number_at_exit(struct pt_regs *regs)
{
	return regs->syscallno;
}

static __always_inline __u64 rf_first_argument(struct pt_regs *regs, __u32 abi)
{
	return regs->orig_x0;
}

static __always_inline void rf_all_arguments(struct pt_regs *regs, __u32 abi, __u64 *args)
{
	args[0] = regs->orig_x0;
	args[1] = regs->regs[1];
	args[2] = regs->regs[2];
	args[3] = regs->regs[3];
	args[4] = regs->regs[4];
	args[5] = regs->regs[5];
}

#define RF_IS_SOCKET(abi, nr) ((nr) == ((abi) == RF_ABI_COMPAT ? 281 : 198))
#define RF_IS_CLONE(abi, nr) ((nr) == ((abi) == RF_ABI_COMPAT ? 120 : 220))
#define RF_IS_SOCKETCALL(abi, nr) ((abi) == RF_ABI_COMPAT && (nr) == 102)
#define RF_KEEPS_ARGUMENTS_OF(nr) ((nr) == 198 || (nr) == 220)
#define RF_IS_IOCTL(abi, nr) ((nr) == ((abi) == RF_ABI_COMPAT ? 54 : 29))
#define RF_IS_PERSONALITY(abi, nr) ((nr) == ((abi) == RF_ABI_COMPAT ? 136 : 92))
#define RF_IS_PRCTL(abi, nr) ((nr) == ((abi) == RF_ABI_COMPAT ? 172 : 167))
/* shmat, brk, mremap, clone, execve, mmap, mprotect, execveat, clone3 */
#define RF_TAKES_MEMORY(nr)                                                                                            \
	((nr) == 196 || (nr) == 214 || (nr) == 216 || (nr) == 220 || (nr) == 221 || (nr) == 222 || (nr) == 226 ||            \
	 (nr) == 281 || (nr) == 435)

#endif

/* True of the three above. Made for the case that every call is in: 64-bit, and none of them. */
static __always_inline bool rf_keeps_arguments(__u32 abi, __u32 number)
{
	if (abi == RF_ABI_COMPAT)
		return RF_IS_SOCKET(abi, number) || RF_IS_CLONE(abi, number) || RF_IS_SOCKETCALL(abi, number);
	return RF_KEEPS_ARGUMENTS_OF(number);
}

#endif
