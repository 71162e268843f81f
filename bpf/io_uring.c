/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * io_uring operations, which bypass the system call hooks, recorded like calls. The tracepoint is io_uring_submit_sqe up
 * to Linux 6.3 and io_uring_submit_req later; user space picks the one that the kernel has.
 */
#include "judge.h"

static __always_inline int rf_submit(struct io_kiocb *request)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_task *state = rf_is_idle() ? NULL : rf_task_of(task);
	__u32 operation = BPF_CORE_READ(request, opcode);
	struct rf_deviation_key key = {};
	struct rf_record *record;
	struct rf_policy *table;
	struct rf_slot *slot;
	struct rf_sub *sub;
	__u64 bit, *set;
	__u32 word, policy;
	bool fresh;

	if (!state)
		return 0;
	slot = rf_slot_at(state->slot);
	sub = rf_sub_at(state->sub);
	word = state->phase * RF_IO_WORDS + (operation >> 6);
	if (!slot || !sub || word >= RF_PHASES * RF_IO_WORDS)
		return 0;
	set = (__u64 *)sub->io_ops + word;
	bit = 1ull << (operation & 63);
	fresh = !(*set & bit) && !(__sync_fetch_and_or(set, bit) & bit);
	if (!fresh && !(sub->attention & RF_ATTEND_DEVIANT))
		return 0;
	policy = rf_policy_of(slot);
	table = rf_policy_at(policy);
	word = RF_JUDGED_AS(state->phase) * RF_IO_WORDS + (operation >> 6);
	if (table && RF_IS_JUDGED(state->phase) && word < RF_JUDGED * RF_IO_WORDS &&
	    !(((__u64 *)table->io_ops)[word] & bit)) {
		key.abi = RF_ABI_IO;
		key.number = operation;
		rf_deviate(task, NULL, state, &key, state->phase);
		return 0;
	}
	if (!fresh || policy)
		return 0;
	record = rf_record_for(slot, state->slot, task, RF_KIND_IO_FIRST_USE);
	if (!record)
		return 0;
	rf_add_executable(record, sub, state->sub);
	record->phase = state->phase;
	record->number = operation;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(rf_io_uring_req, struct io_kiocb *request)
{
	return rf_submit(request);
}

SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(rf_io_uring_sqe, struct io_kiocb *request)
{
	return rf_submit(request);
}
