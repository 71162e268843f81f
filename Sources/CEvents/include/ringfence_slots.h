/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading slots in place while the kernel writes them: one relaxed load a word, so that no fact is torn. User space only.
 * Indices are the caller's to keep in bounds.
 */
#ifndef RINGFENCE_SLOTS_H
#define RINGFENCE_SLOTS_H

#include "ringfence_events.h"

#define RF_LOAD(place) __atomic_load_n(&(place), __ATOMIC_RELAXED)
#define RF_STORE(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELAXED)

static inline rf_u64 rf_sub_calls(const struct rf_sub *sub, rf_u32 phase, rf_u32 abi, rf_u32 word)
{
	return RF_LOAD(sub->calls[phase][abi][word]);
}

static inline rf_u64 rf_sub_io_ops(const struct rf_sub *sub, rf_u32 phase, rf_u32 word)
{
	return RF_LOAD(sub->io_ops[phase][word]);
}

static inline rf_u64 rf_steady_calls(const struct rf_steady *steady, rf_u32 judged, rf_u32 abi, rf_u32 word)
{
	return RF_LOAD(steady->calls[judged][abi][word]);
}

static inline rf_u32 rf_sub_count_page(const struct rf_sub *sub, rf_u32 phase, rf_u32 abi)
{
	return RF_LOAD(sub->count_page[phase][abi]);
}

static inline rf_u64 rf_page_calls(const struct rf_count_page *page, rf_u32 number)
{
	return RF_LOAD(page->calls[number]);
}

static inline rf_u64 rf_value_at(const struct rf_values *values, rf_u32 index)
{
	return RF_LOAD(values->value[index]);
}

static inline const struct rf_values *rf_slot_args(const struct rf_slot *slot, rf_u32 phase, rf_u32 kind)
{
	return &slot->args[phase][kind];
}

static inline const struct rf_account *rf_slot_account(const struct rf_slot *slot, rf_u32 kind)
{
	return &slot->account[kind];
}

_Static_assert(offsetof(struct rf_record, path) == 0, "the used part of a record is found by it");
_Static_assert(offsetof(struct rf_record, ancestors) + sizeof(((struct rf_record *)0)->ancestors) ==
		       sizeof(struct rf_record), "and by this");

/* Notes what of a slot is in a profile. The kernel sets other flags meanwhile. */
static inline void rf_slot_book(struct rf_slot *slot, const struct rf_account *account)
{
	RF_STORE(slot->booked.produced, account->produced);
	RF_STORE(slot->booked.delivered, account->delivered);
	RF_STORE(slot->booked.suppressed, account->suppressed);
	RF_STORE(slot->booked.dropped, account->dropped);
	__atomic_fetch_or(&slot->flags, RF_SLOT_PROFILED, __ATOMIC_RELAXED);
}

static inline void rf_slot_clear_flags(struct rf_slot *slot, rf_u32 flags)
{
	__atomic_fetch_and(&slot->flags, ~flags, __ATOMIC_RELAXED);
}

static inline const struct rf_ancestor *rf_record_ancestor(const struct rf_record *record, rf_u32 index)
{
	return &record->ancestors[index];
}

static inline const char *rf_ancestor_comm(const struct rf_ancestor *ancestor)
{
	return ancestor->comm;
}

static inline const char *rf_record_comm(const struct rf_record *record)
{
	return record->comm;
}

static inline rf_u64 rf_record_argument(const struct rf_record *record, rf_u32 index)
{
	return record->args[index];
}

/* Takes saved facts out of a sub-slot. Bits that the kernel sets meanwhile stay. */
static inline void rf_sub_clear_calls(struct rf_sub *sub, rf_u32 phase, rf_u32 abi, rf_u32 word, rf_u64 bits)
{
	__atomic_fetch_and(&sub->calls[phase][abi][word], ~bits, __ATOMIC_RELAXED);
}

static inline void rf_sub_clear_io_ops(struct rf_sub *sub, rf_u32 phase, rf_u32 word, rf_u64 bits)
{
	__atomic_fetch_and(&sub->io_ops[phase][word], ~bits, __ATOMIC_RELAXED);
}

/* Takes a saved value out of an argument's set. The kernel may keep it twice afterwards, which is the same. */
static inline void rf_slot_clear_value(struct rf_slot *slot, rf_u32 phase, rf_u32 kind, rf_u64 value)
{
	for (int i = 0; i < RF_VALUES; i++) {
		rf_u64 kept = value + 1;

		__atomic_compare_exchange_n(&slot->args[phase][kind].value[i], &kept, 0, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	}
}

static inline void rf_slot_clear_overflow(struct rf_slot *slot, rf_u32 phase, rf_u32 kind, rf_u64 count)
{
	__atomic_fetch_sub(&slot->args[phase][kind].overflow, count, __ATOMIC_RELAXED);
}

static inline rf_u64 rf_slot_capabilities(const struct rf_slot *slot, rf_u32 judged)
{
	return RF_LOAD(slot->capabilities_used[judged]);
}

/* Takes saved capabilities out of those that were used. */
static inline void rf_slot_clear_capabilities(struct rf_slot *slot, rf_u32 judged, rf_u64 bits)
{
	__atomic_fetch_and(&slot->capabilities_used[judged], ~bits, __ATOMIC_RELAXED);
}

/* Says until when everything is saved and taken out: after that was done. */
static inline void rf_slot_set_epoch(struct rf_slot *slot, rf_u64 end_ns)
{
	__atomic_store_n(&slot->epoch_ns, end_ns, __ATOMIC_RELEASE);
}

static inline rf_u32 rf_sub_attention(const struct rf_sub *sub)
{
	return RF_LOAD(sub->attention);
}

/* Sets and clears bits of RF_ATTEND_*. */
static inline void rf_sub_attend(struct rf_sub *sub, rf_u32 set, rf_u32 clear)
{
	__atomic_fetch_or(&sub->attention, set, __ATOMIC_RELAXED);
	__atomic_fetch_and(&sub->attention, ~clear, __ATOMIC_RELAXED);
}

/* Publishes a policy: whatever was written to its table before is seen by whoever sees its index. */
static inline void rf_slot_publish(struct rf_slot *slot, rf_u32 policy)
{
	__atomic_store_n(&slot->policy, policy, __ATOMIC_RELEASE);
}

static inline void rf_slot_set_mode(struct rf_slot *slot, rf_u32 mode)
{
	__atomic_store_n(&slot->mode, mode, __ATOMIC_RELAXED);
}

static inline const char *rf_call_comm(const struct rf_call *call)
{
	return call->comm;
}

static inline rf_u64 rf_call_argument(const struct rf_call *call, rf_u32 index)
{
	return call->args[index];
}

static inline rf_u8 rf_bytes_seen(const struct rf_bytes *bytes, rf_u32 abi, rf_u32 number)
{
	return RF_LOAD(bytes->seen[abi][number]);
}

static inline void rf_knobs_set_budget(struct rf_knobs *knobs, rf_u32 kind, rf_u64 perSecond)
{
	knobs->budget[kind] = perSecond;
}

_Static_assert(offsetof(struct rf_policy, io_ops) == sizeof(((struct rf_policy *)0)->calls), "the judge reads on");

/* A policy, read by the judge and written before it is published; the caller keeps the indices in bounds. */
static inline rf_u64 rf_policy_calls(const struct rf_policy *policy, rf_u32 judged, rf_u32 abi, rf_u32 word)
{
	return RF_LOAD(policy->calls[judged][abi][word]);
}

static inline rf_u64 rf_policy_io_ops(const struct rf_policy *policy, rf_u32 judged, rf_u32 word)
{
	return RF_LOAD(policy->io_ops[judged][word]);
}

static inline void rf_policy_set_calls(struct rf_policy *policy, rf_u32 judged, rf_u32 abi, rf_u32 word, rf_u64 bits)
{
	RF_STORE(policy->calls[judged][abi][word], bits);
}

static inline void rf_policy_set_io_ops(struct rf_policy *policy, rf_u32 judged, rf_u32 word, rf_u64 bits)
{
	RF_STORE(policy->io_ops[judged][word], bits);
}

static inline void rf_policy_set_arguments(struct rf_policy *policy, rf_u32 judged, rf_u64 families, rf_u64 clone_flags)
{
	RF_STORE(policy->families[judged], families);
	RF_STORE(policy->clone_flags[judged], clone_flags);
}

/* Whether the arguments are what rf_policy_set_arguments wrote. */
static inline int rf_policy_has_arguments(const struct rf_policy *policy, rf_u32 judged, rf_u64 families,
					  rf_u64 clone_flags)
{
	return RF_LOAD(policy->families[judged]) == families && RF_LOAD(policy->clone_flags[judged]) == clone_flags;
}

static inline const char *rf_denied_comm(const struct rf_denied *denied)
{
	return denied->comm;
}

#endif
