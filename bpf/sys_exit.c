/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Calls that a seccomp filter answered: seen at sys_exit and not at sys_enter, because the kernel asks the filter first.
 * Attached only where denied attempts were asked for.
 */
#include "calls.h"
#include "phases.h"

#define RF_MAX_ERRNO 4095

SEC("tp_btf/sys_exit")
int BPF_PROG(rf_sys_exit, struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_task *state = bpf_task_storage_get(&rf_tasks, task, NULL, 0);
	struct rf_denied fresh = {}, *denied;
	struct rf_denied_key key = {};
	struct rf_control *control;
	struct rf_record *record;
	struct rf_slot *slot;
	struct rf_sub *sub;
	__u32 phase, abi;
	long number;

	if (!state || !rf_has_slot(state) || rf_is_idle())
		return 0;
	if (state->entered || state->skip_exit) {
		state->entered = 0;
		state->skip_exit = 0;
		return 0;
	}
	if (result >= 0 || result < -RF_MAX_ERRNO)
		return 0;
	number = rf_number_at_exit(regs);
	abi = rf_abi_of(task, &number);
	phase = state->phase;
	if (phase % 3 == RF_PHASE_SETUP && rf_filters_of(task) > state->filters_at_join)
		phase += RF_PHASE_FILTERED_SETUP;
	slot = rf_slot_at(state->slot);
	sub = rf_sub_at(state->sub);
	control = rf_the_control();
	if (!slot || !sub || !control)
		return 0;
	key.sub = state->sub;
	key.abi = abi;
	key.phase = phase;
	key.number = number;
	key.error = -result;
	denied = bpf_map_lookup_elem(&rf_denials, &key);
	if (denied) {
		rf_count(denied->count);
		return 0;
	}
	fresh.count = 1;
	fresh.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(fresh.comm, sizeof(fresh.comm));
	if (bpf_map_update_elem(&rf_denials, &key, &fresh, BPF_NOEXIST)) {
		denied = bpf_map_lookup_elem(&rf_denials, &key);
		if (denied)
			rf_count(denied->count);
		else
			rf_count(control->lost_denials);
		return 0;
	}
	record = rf_record_for(slot, state->slot, task, RF_KIND_DENIED);
	if (!record)
		return 0;
	rf_add_executable(record, sub, state->sub);
	record->phase = phase;
	record->abi = abi;
	record->number = number;
	record->result = result;
	rf_all_arguments(regs, abi, record->args);
	bpf_ringbuf_submit(record, 0);
	return 0;
}
