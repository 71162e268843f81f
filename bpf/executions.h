/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Who executed what, and with which credentials: one entry each, made the first time. Like peers they are facts, which no
 * full ring can lose; a record of the first time tells the story. Of set-up nothing is kept.
 */
#ifndef RF_EXECUTIONS_H
#define RF_EXECUTIONS_H

#include "phases.h"

/* An execution, as far as its executable's sub-slot does not tell. */
struct rf_execution {
	__u64 now;
	__u32 parent; /* sub-slot of what the process ran before + 1; 0: it was set-up */
	__u32 news;   /* RF_DETAIL_EDGE, RF_DETAIL_CREDENTIALS */
	struct rf_credential_key credentials;
};

/* The number that a user namespace has for a user of the initial one: the first five extents of its map are looked at. */
static __always_inline __u32 rf_uid_in(struct user_namespace *space, __u32 uid)
{
	__u32 extents = BPF_CORE_READ(space, uid_map.nr_extents);

	/* Beyond five there is a pointer to them in their place (user_namespaces(7)). */
	if (extents > 5)
		return 65534; /* /proc/sys/kernel/overflowuid */

	for (__u32 i = 0; i < 5; i++) {
		__u32 from = BPF_CORE_READ(space, uid_map.extent[i].lower_first);

		if (i < extents && uid >= from && uid - from < BPF_CORE_READ(space, uid_map.extent[i].count))
			return BPF_CORE_READ(space, uid_map.extent[i].first) + (uid - from);
	}
	return 65534; /* /proc/sys/kernel/overflowuid */
}

/* What the kernel gives a task for itself: not what it works with for a moment on behalf of another (override_creds). */
static __always_inline void rf_credentials_of(struct task_struct *task, struct rf_task *state,
					      struct rf_credential_key *key)
{
	struct cred *cred = BPF_CORE_READ(task, real_cred);
	struct user_namespace *space = BPF_CORE_READ(cred, user_ns);
	__u32 uid = BPF_CORE_READ(cred, euid.val);

	bpf_probe_read_kernel(&key->effective, sizeof(key->effective),
			      (void *)cred + bpf_core_field_offset(struct cred, cap_effective));
	key->slot = state->slot;
	key->level = BPF_CORE_READ(space, level);
	key->uid = key->level ? rf_uid_in(space, uid) : uid;
	key->judged = state->phase / RF_PHASE_SESSION;
}

/* Books the credentials of a task. RF_DETAIL_CREDENTIALS if nobody in its cgroup had them before. */
static __noinline int rf_note_credentials(struct task_struct *task, struct rf_task *state, struct rf_execution *execution)
{
	struct rf_slot *slot = rf_slot_at(state->slot);
	struct rf_credential_key *key = &execution->credentials;
	struct rf_credential fresh = {}, *known;

	if (!slot || state->phase % 3 != RF_PHASE_WORKLOAD)
		return 0;
	rf_credentials_of(task, state, key);
	known = bpf_map_lookup_elem(&rf_credentials, key);
	if (known) {
		rf_count(known->count);
		known->last_ns = execution->now;
		return 0;
	}
	if (rf_count(slot->credentials) >= RF_CREDENTIALS_PER_SLOT)
		goto full;
	fresh.count = 1;
	fresh.first_ns = execution->now;
	fresh.last_ns = execution->now;
	fresh.sub = state->sub;
	fresh.pid = BPF_CORE_READ(task, tgid);
	if (bpf_map_update_elem(&rf_credentials, key, &fresh, BPF_NOEXIST) == 0)
		return RF_DETAIL_CREDENTIALS;
	if (bpf_map_lookup_elem(&rf_credentials, key)) { /* another processor was first */
		__sync_fetch_and_add(&slot->credentials, -1);
		return 0;
	}
full:
	__sync_fetch_and_add(&slot->credentials, -1);
	rf_count(slot->lost_credentials);
	return 0;
}

/* Books who executed the executable that a task runs now. RF_DETAIL_EDGE if that one never did before. */
static __noinline int rf_note_edge(struct task_struct *task, struct rf_task *state, struct rf_execution *execution)
{
	struct rf_slot *slot = rf_slot_at(state->slot);
	struct rf_sub *child = rf_sub_at(state->sub);
	struct rf_edge fresh = {}, *known;
	struct rf_edge_key key = {};

	if (!slot || !child || !execution->parent)
		return 0;
	/* That one of many was executed tells nothing of who executes which. */
	if (child->flags & RF_SUB_OTHER) {
		rf_count(slot->lost_edges);
		return 0;
	}
	key.slot = state->slot;
	key.parent = execution->parent - 1;
	key.child = state->sub;
	key.judged = state->phase / RF_PHASE_SESSION;
	known = bpf_map_lookup_elem(&rf_edges, &key);
	if (known) {
		rf_count(known->count);
		known->last_ns = execution->now;
		return 0;
	}
	if (rf_count(slot->edges) >= RF_EDGES_PER_SLOT)
		goto full;
	fresh.count = 1;
	fresh.first_ns = execution->now;
	fresh.last_ns = execution->now;
	fresh.pid = BPF_CORE_READ(task, tgid);
	if (bpf_map_update_elem(&rf_edges, &key, &fresh, BPF_NOEXIST) == 0)
		return RF_DETAIL_EDGE;
	known = bpf_map_lookup_elem(&rf_edges, &key);
	if (known) {
		rf_count(known->count);
		__sync_fetch_and_add(&slot->edges, -1);
		return 0;
	}
full:
	__sync_fetch_and_add(&slot->edges, -1);
	rf_count(slot->lost_edges);
	return 0;
}

/* Books both, and says what of it is new. */
static __always_inline void rf_note_execution(struct task_struct *task, struct rf_task *state,
					      struct rf_execution *execution)
{
	execution->now = bpf_ktime_get_boot_ns();
	execution->news = rf_note_edge(task, state, execution);
	execution->news |= rf_note_credentials(task, state, execution);
}

/* Adds what is new of an execution; by its time user space knows that record and entry tell of the same. */
static __always_inline void rf_add_execution(struct rf_record *record, struct rf_execution *execution)
{
	record->args[1] = execution->parent;
	if (!execution->news)
		return;
	record->time_ns = execution->now;
	record->detail = execution->news;
	if (!(execution->news & RF_DETAIL_CREDENTIALS))
		return;
	record->args[2] = execution->credentials.uid;
	record->args[3] = execution->credentials.effective;
	record->args[4] = execution->credentials.level;
}

/*
 * Looks at the credentials of a task that executes nothing, and reports new ones: a server that gives up its rights as it
 * starts never executes again. No hook tells of the change itself; a fork, a first call, every RF_CALL_STEPth call and the
 * end come after it.
 */
static __noinline int rf_see_credentials(struct task_struct *task, struct rf_task *state)
{
	struct rf_slot *slot = rf_slot_at(state->slot);
	struct rf_sub *sub = rf_sub_at(state->sub);
	struct rf_execution execution = {};
	struct rf_record *record;

	if (!slot || !sub || state->phase % 3 != RF_PHASE_WORKLOAD)
		return 0;
	execution.now = bpf_ktime_get_boot_ns();
	execution.news = rf_note_credentials(task, state, &execution);
	if (!execution.news)
		return 0;
	execution.news |= RF_DETAIL_UNCHANGED;
	record = rf_record_for(slot, state->slot, task, RF_KIND_EXEC);
	if (!record)
		return 0;
	rf_add_executable(record, sub, state->sub);
	record->phase = state->phase;
	rf_add_execution(record, &execution);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

#endif
