/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Every system call of every recorded task: one bit, set once. */
#include "executions.h"
#include "judge.h"
#include "options.h"
#include "steady.h"
#include "trace.h"

static __noinline int rf_report_call(struct task_struct *task, struct pt_regs *regs, struct rf_task *state, long number,
				     __u32 where)
{
	struct rf_slot *slot = rf_slot_at(state->slot);
	struct rf_sub *sub = rf_sub_at(state->sub);
	struct rf_record *record;
	__u32 abi = where & 0xff;
	__u32 kind = number >= 0 && number < RF_CALLS ? RF_KIND_FIRST_USE : RF_KIND_OUT_OF_RANGE;

	if (!slot || !sub)
		return 0;
	record = rf_record_for(slot, state->slot, task, kind);
	if (!record)
		return 0;
	rf_add_executable(record, sub, state->sub);
	record->phase = where >> 8;
	record->abi = abi;
	record->number = number;
	rf_all_arguments(regs, abi, record->args);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* Arguments that are worth a rule: kept, and judged where there is a policy. */
static __noinline int rf_keep_arguments(struct task_struct *task, struct rf_task *state, struct pt_regs *regs, __u32 nr,
					__u32 where)
{
	struct rf_slot *slot = rf_slot_at(state->slot);
	__u32 phase = where >> 8, abi = where & 0xff;
	struct rf_deviation_key key = {};
	__u32 value, policy;

	if (!slot || phase >= RF_PHASES)
		return 0;
	if (RF_IS_SOCKETCALL(abi, nr)) {
		if (!(slot->flags & RF_SLOT_SOCKETCALL))
			__sync_fetch_and_or(&slot->flags, RF_SLOT_SOCKETCALL);
		return 0;
	}
	value = rf_first_argument(regs, abi);
	if (RF_IS_SOCKET(abi, nr))
		rf_keep_value(&slot->args[phase][RF_ARG_SOCKET_FAMILY], value);
	else
		rf_keep_value(&slot->args[phase][RF_ARG_CLONE_FLAGS], value);
	policy = rf_policy_of(slot);
	key.detail = rf_forbidden_detail(policy, phase, abi, nr, value);
	if (!key.detail || !rf_call_allowed(policy, phase, abi, nr))
		return 0;
	key.abi = abi;
	key.number = nr;
	rf_deviate(task, regs, state, &key, phase);
	return 0;
}

/*
 * A call that its executable makes for the first time, or the call of one that has deviated or is traced. A first call
 * that a policy allows is kept and not reported: it was learned.
 */
static __noinline int rf_attend(struct task_struct *task, struct pt_regs *regs, struct rf_task *state, long number,
				__u32 where)
{
	struct rf_slot *slot = rf_slot_at(state->slot);
	struct rf_sub *sub = rf_sub_at(state->sub);
	__u32 phase = where >> 8, abi = where & 0xff;
	struct rf_deviation_key key = {};
	__u32 word, policy;
	__u64 bit, *set;

	if (!slot || !sub)
		return 0;
	word = (phase * RF_ABIS + abi) * RF_CALL_WORDS + ((__u32)number >> 6);
	if (word >= RF_PHASES * RF_ABIS * RF_CALL_WORDS)
		return 0;
	if (sub->attention & RF_ATTEND_TRACED)
		rf_trace_call(task, regs, state, number, where);
	set = (__u64 *)sub->calls + word;
	bit = 1ull << (number & 63);
	policy = rf_policy_of(slot);
	if (!(*set & bit) && !(__sync_fetch_and_or(set, bit) & bit)) {
		rf_see_credentials(task, state);
		if (!policy)
			rf_report_call(task, regs, state, number, where);
	}
	if (rf_call_allowed(policy, phase, abi, number))
		return 0;
	key.abi = abi;
	key.number = number;
	rf_deviate(task, regs, state, &key, phase);
	return 0;
}

static __noinline int rf_count_call(struct rf_task *state, __u32 phase, __u32 abi, __u32 nr)
{
	struct rf_sub *sub = rf_sub_at(state->sub);
	struct rf_control *control = rf_the_control();
	struct rf_count_page *page;
	struct rf_slot *slot;
	__u32 index, seen;
	__u64 at = nr;
	__u64 next;

	if (!sub || !control || phase >= RF_PHASES || abi >= RF_ABIS || nr >= RF_CALLS)
		return 0;
	index = sub->count_page[phase][abi];
	if (!index) {
		next = rf_count(control->pages_used) + 1;
		if (next > rf_knobs.max_count_pages) {
			slot = rf_slot_at(state->slot);
			if (slot)
				__sync_fetch_and_or(&slot->flags, RF_SLOT_COUNTS_FULL);
			next = RF_NO_SLOT;
		}
		seen = __sync_val_compare_and_swap(&sub->count_page[phase][abi], 0, (__u32)next);
		index = seen ? seen : (__u32)next;
	}
	index -= 1;
	page = bpf_map_lookup_elem(&rf_counts, &index);
	barrier_var(at); /* Linux 6.1 has forgotten the check above by now */
	if (page && at < RF_CALLS)
		rf_count(page->calls[at]);
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(rf_sys_enter, struct pt_regs *regs, long number)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_task *state = rf_is_idle() ? NULL : rf_task_of(task);
	__u32 phase, abi, word;
	struct rf_slot *slot;
	struct rf_sub *sub;
	__u64 bit, *set;

	if (!state)
		return 0;
	abi = rf_abi_of(task, &number);
	phase = state->phase;
	if (phase % 3 == RF_PHASE_SETUP && rf_filters_of(task) > state->filters_at_join)
		phase += RF_PHASE_FILTERED_SETUP;
	if (rf_knobs.watch_exit)
		state->entered = 1;
	state->calls++;
	if ((state->calls & (RF_CALL_STEP - 1)) == 0) {
		slot = rf_slot_at(state->slot);
		if (slot)
			__sync_fetch_and_add(&slot->calls, state->calls);
		state->calls = 0;
		rf_see_credentials(task, state);
	}
	if ((unsigned long)number >= RF_CALLS) {
		slot = rf_slot_at(state->slot);
		if (!slot)
			return 0;
		rf_count(slot->out_of_range);
		rf_keep_value(&slot->odd_numbers, (__u64)abi << 32 | (__u32)number);
		rf_report_call(task, regs, state, number, phase << 8 | abi);
		if (rf_mode_of(slot) & RF_MODE_TRACED)
			rf_trace_call(task, regs, state, number, phase << 8 | abi);
		return 0;
	}
	sub = rf_sub_at(state->sub);
	word = (phase * RF_ABIS + abi) * RF_CALL_WORDS + ((__u32)number >> 6);
	if (!sub || word >= RF_PHASES * RF_ABIS * RF_CALL_WORDS)
		return 0;
	set = (__u64 *)sub->calls + word;
	bit = 1ull << (number & 63);
	if (!(*set & bit) || sub->attention & (RF_ATTEND_DEVIANT | RF_ATTEND_TRACED))
		rf_attend(task, regs, state, number, phase << 8 | abi);
	if (rf_keeps_arguments(abi, number))
		rf_keep_arguments(task, state, regs, number, phase << 8 | abi);
	if (rf_knobs.keep_options && rf_has_option(abi, number))
		rf_keep_option(state, regs, number, phase << 8 | abi);
	if (rf_knobs.keep_steady && phase % 3 == RF_PHASE_WORKLOAD && rf_under_own_filter(task, state))
		rf_keep_steady(state, number, phase << 8 | abi);
	if (rf_knobs.count_calls)
		rf_count_call(state, phase, abi, number);
	return 0;
}
