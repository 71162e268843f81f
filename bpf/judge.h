/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Comparing with a profile: whether a call is allowed, and what happens if it is not. Reached once a call, or when the
 * executable has deviated already: what is known never comes here.
 */
#ifndef RF_JUDGE_H
#define RF_JUDGE_H

#include "calls.h"
#include "phases.h"

/* The policy of a slot, as an index + 1. User space gives it to every slot of a container. */
static __always_inline __u32 rf_policy_of(struct rf_slot *slot)
{
	return slot->policy;
}

/* Set-up is never judged; a session's workload has a table of its own. */
#define RF_IS_JUDGED(phase) ((phase) % 3 == RF_PHASE_WORKLOAD)
#define RF_JUDGED_AS(phase) ((phase) / RF_PHASE_SESSION)

static __always_inline bool rf_call_allowed(__u32 policy, __u32 phase, __u32 abi, __u32 number)
{
	struct rf_policy *table;
	__u32 word;

	if (!policy || !RF_IS_JUDGED(phase))
		return true;
	table = rf_policy_at(policy);
	word = (RF_JUDGED_AS(phase) * RF_ABIS + abi) * RF_CALL_WORDS + (number >> 6);
	if (!table || word >= RF_JUDGED * RF_ABIS * RF_CALL_WORDS)
		return false;
	return ((__u64 *)table->calls)[word] & 1ull << (number & 63);
}

/* What of an allowed socket(2) or clone(2) is not allowed; 0 if nothing. */
static __always_inline __u32 rf_forbidden_detail(__u32 policy, __u32 phase, __u32 abi, __u32 number, __u32 value)
{
	struct rf_policy *table = policy && RF_IS_JUDGED(phase) ? rf_policy_at(policy) : NULL;
	__u32 judged = RF_JUDGED_AS(phase);

	if (!table || judged >= RF_JUDGED)
		return 0;
	if (RF_IS_CLONE(abi, number))
		return table->clone_flags[judged & 1] & value ? RF_DETAIL_FLAGS : 0;
	if (value < 64 && table->families[judged & 1] & 1ull << value)
		return 0;
	return RF_DETAIL_FAMILY + (value < 255 ? value : 255);
}

/* For how often a deviation was made that found no place in the table. */
#define RF_NOT_COUNTED (~0ull)

/*
 * Books a deviation that is made at `now`. How often it was made so far if a record of it is due, else 0; a full table costs
 * counts and pauses, not records.
 */
static __noinline __u64 rf_book_deviation(struct rf_deviation_key *key, __u64 now)
{
	struct rf_deviation fresh = {}, *known = bpf_map_lookup_elem(&rf_deviations, key);
	struct rf_control *control = rf_the_control();
	__u64 count, sent;

	if (!known) {
		fresh.count = 1;
		fresh.first_ns = now;
		fresh.sent_ns = now;
		if (bpf_map_update_elem(&rf_deviations, key, &fresh, BPF_NOEXIST) == 0)
			return 1;
		known = bpf_map_lookup_elem(&rf_deviations, key);
	}
	if (!known) {
		if (control)
			rf_count(control->lost_deviations);
		return RF_NOT_COUNTED;
	}
	count = rf_count(known->count) + 1;
	sent = known->sent_ns;
	if (now - sent < RF_DEVIATION_PAUSE_NS || __sync_val_compare_and_swap(&known->sent_ns, sent, now) != sent)
		return 0;
	return count;
}

/* Reports a call, an io_uring operation or an argument that the policy does not allow. `regs` is NULL for an operation. */
static __noinline int rf_deviate(struct task_struct *task, struct pt_regs *regs, struct rf_task *state,
				 struct rf_deviation_key *key, __u32 phase)
{
	struct rf_slot *slot = rf_slot_at(state->slot);
	struct rf_sub *sub = rf_sub_at(state->sub);
	__u64 now = bpf_ktime_get_boot_ns();
	struct rf_record *record;
	__u64 count;

	if (!slot || !sub)
		return 0;
	key->sub = state->sub;
	key->judged = RF_JUDGED_AS(phase);
	if (!(sub->attention & RF_ATTEND_DEVIANT))
		__sync_fetch_and_or(&sub->attention, RF_ATTEND_DEVIANT);
	count = rf_book_deviation(key, now);
	if (!count)
		return 0;
	record = rf_record_for(slot, state->slot, task,
			       key->abi == RF_ABI_IO ? RF_KIND_IO_DEVIATION : RF_KIND_DEVIATION);
	if (!record)
		return 0;
	rf_add_executable(record, sub, state->sub);
	record->time_ns = now; /* the first one's is first_ns: by it user space knows that both tell of the same */
	record->phase = phase;
	record->number = key->number;
	record->detail = key->detail;
	record->count = count == RF_NOT_COUNTED ? 0 : count;
	record->policy = rf_policy_of(slot);
	if (regs) {
		record->abi = key->abi;
		rf_all_arguments(regs, key->abi, record->args);
	}
	bpf_ringbuf_submit(record, 0);
	return 0;
}

#endif
