/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Calls under a seccomp filter that the program has loaded itself: what such a filter must allow. How many filters a task has
 * is looked at, not who loads one when: a child has its parent's, and SECCOMP_FILTER_FLAG_TSYNC gives a thread its sibling's.
 */
#ifndef RF_STEADY_H
#define RF_STEADY_H

#include "phases.h"

/* Whether a task has more filters than it had, or what it was forked from, when that executed what it runs. */
static __always_inline bool rf_under_own_filter(struct task_struct *task, struct rf_task *state)
{
	if (bpf_core_field_exists(task->seccomp.filter_count))
		return task->seccomp.filter_count.counter > state->filters_at_exec;
	return rf_filters_of(task) > state->filters_at_exec;
}

/* Keeps a call of the workload or of a session's. */
static __noinline int rf_keep_steady(struct rf_task *state, __u32 number, __u32 where)
{
	__u32 judged = (where >> 8) / RF_PHASE_SESSION, abi = where & 0xff;
	__u32 word = (judged * RF_ABIS + abi) * RF_CALL_WORDS + (number >> 6);
	__u32 index = state->sub;
	struct rf_steady *steady = bpf_map_lookup_elem(&rf_steady, &index);
	__u64 bit = 1ull << (number & 63), *set;

	if (!steady || word >= RF_JUDGED * RF_ABIS * RF_CALL_WORDS)
		return 0;
	set = (__u64 *)steady->calls + word;
	if (!(*set & bit))
		__sync_fetch_and_or(set, bit);
	return 0;
}

#endif
