/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Run once after the process hooks are attached: gives every task that is older than the capture its place. */
#include "phases.h"

#define RF_PF_EXITING 0x00000004 /* include/linux/sched.h */

/* True if the recorded process is this task's, or above it. */
static __always_inline bool rf_descends(struct task_struct *task)
{
	struct task_struct *at = task;

	for (int i = 0; i < 32; i++) {
		__u32 tgid = BPF_CORE_READ(at, tgid);

		if (tgid == rf_knobs.target_process)
			return true;
		if (tgid <= 1)
			return false;
		at = BPF_CORE_READ(at, real_parent);
	}
	return false;
}

SEC("iter/task")
int rf_existing_tasks(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct rf_task *state;

	if (!task || task->flags & RF_PF_EXITING)
		return 0;
	if (rf_knobs.scope == RF_SCOPE_PROCESS) {
		/* The recorder itself may have been started by the process that it records. */
		if (BPF_CORE_READ(task, tgid) == (int)(bpf_get_current_pid_tgid() >> 32) || !rf_descends(task))
			return 0;
	}
	rf_resolve(task, RF_SEED);
	/* It may have ended meanwhile, its exit hook before there was anything to take back: it would count as living for ever. */
	if (task->flags & RF_PF_EXITING) {
		state = bpf_task_storage_get(&rf_tasks, task, NULL, 0);
		if (state)
			rf_leave(state);
	}
	return 0;
}
