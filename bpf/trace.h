/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* The full stream of a container that is traced: every call, short, through a ring of its own. */
#ifndef RF_TRACE_H
#define RF_TRACE_H

#include "judge.h"

/* The reader looks at a fixed pace; it is only woken when this much waits. */
#define RF_TRACE_WAKE_BYTES (256 * 1024)

static __noinline int rf_trace_call(struct task_struct *task, struct pt_regs *regs, struct rf_task *state, long number,
				    __u32 where)
{
	struct rf_slot *slot = rf_slot_at(state->slot);
	__u32 phase = where >> 8, abi = where & 0xff;
	struct rf_call *call;

	if (!slot)
		return 0;
	rf_count(slot->traced.produced);
	call = bpf_ringbuf_reserve(&rf_bulk, sizeof(*call), 0);
	if (!call) {
		rf_count(slot->traced.dropped);
		return 0;
	}
	rf_count(slot->traced.delivered);
	call->time_ns = bpf_ktime_get_boot_ns();
	call->cgroup_id = slot->cgroup_id;
	call->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	call->number = number;
	rf_all_arguments(regs, abi, call->args);
	call->slot = state->slot;
	call->sub = state->sub;
	call->pid = task->pid;
	call->tgid = task->tgid;
	call->policy = rf_policy_of(slot);
	call->abi = abi;
	call->phase = phase;
	call->allowed = number >= 0 && number < RF_CALLS && rf_call_allowed(call->policy, phase, abi, number);
	call->reserved = 0;
	bpf_get_current_comm(call->comm, sizeof(call->comm));
	bpf_ringbuf_submit(call, bpf_ringbuf_query(&rf_bulk, BPF_RB_AVAIL_DATA) > RF_TRACE_WAKE_BYTES
					 ? BPF_RB_FORCE_WAKEUP
					 : BPF_RB_NO_WAKEUP);
	return 0;
}

#endif
