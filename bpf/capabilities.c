/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Capabilities that a container uses: a check said yes. Linux 6.14 has the tracepoint. A check is not always a need: the
 * kernel asks for some before it looks whether another right is enough.
 */
#include "calls.h"
#include "phases.h"

#define RF_CAP_SYS_ADMIN 21

/*
 * Whether the task is in a call that takes memory, or in a page fault: the kernel then asks for CAP_SYS_ADMIN, to let such
 * processes have the last 3 % of it (__vm_enough_memory). Nobody needs it for that.
 */
static __always_inline bool rf_takes_memory(struct task_struct *task)
{
	long number = rf_number_at_exit((struct pt_regs *)bpf_task_pt_regs(task));
	long same = number;

	if (number < 0)
		return true;
	if (rf_abi_of(task, &same) == RF_ABI_COMPAT)
		return false;
	return RF_TAKES_MEMORY(same);
}

SEC("tp_btf/cap_capable")
int BPF_PROG(rf_capable, const struct cred *cred, struct user_namespace *target, const struct user_namespace *owner,
	     int capability, int result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_task *state;
	struct rf_slot *slot;
	__u64 bit = 1ull << (capability & 63);
	__u32 judged;

	/* A file system that works for a container does so with the rights of who mounted it. */
	if (result || rf_is_idle() || rf_address(cred) != rf_address(task->real_cred))
		return 0;
	state = bpf_task_storage_get(&rf_tasks, task, NULL, 0);
	if (!state || state->phase % 3 != RF_PHASE_WORKLOAD)
		return 0;
	slot = rf_own_slot(state);
	if (!slot)
		return 0;
	judged = (state->phase / RF_PHASE_SESSION) & 1;
	if (slot->capabilities_used[judged] & bit || (capability == RF_CAP_SYS_ADMIN && rf_takes_memory(task)))
		return 0;
	__sync_fetch_and_or(&slot->capabilities_used[judged], bit);
	return 0;
}
