/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Who a task is: its slot, its sub-slot and its phase, decided when it is first seen, joins a cgroup or executes. */
#ifndef RF_PHASES_H
#define RF_PHASES_H

#include "records.h"
#include "slots.h"

#define RF_JOINING 1u /* the task is known to have been moved into its cgroup just now */
#define RF_SEED 2u    /* the task is part of a recorded process tree */

static __always_inline __u32 rf_filters_of(struct task_struct *task)
{
	if (bpf_core_field_exists(task->seccomp.filter_count))
		return BPF_CORE_READ(task, seccomp.filter_count.counter);
	return BPF_CORE_READ(task, seccomp.mode) == 2;
}

static __always_inline bool rf_in_own_mount_namespace(struct task_struct *task)
{
	return BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum) != rf_knobs.host_mount_ns;
}

static __always_inline bool rf_in_own_namespace(struct task_struct *task)
{
	return rf_in_own_mount_namespace(task) ||
	       BPF_CORE_READ(task, nsproxy, pid_ns_for_children, ns.inum) != rf_knobs.host_pid_ns;
}

/*
 * What tells a task's mount namespace from every other that there was or will be: the kernel numbers them in the order in
 * which they are made. An inode number is given out again at once, and stands in only where there is nothing better.
 */
static __always_inline __u64 rf_mount_namespace(struct task_struct *task)
{
	struct mnt_namespace *namespace = BPF_CORE_READ(task, nsproxy, mnt_ns);

	if (bpf_core_field_exists(namespace->ns.ns_id))
		return BPF_CORE_READ(namespace, ns.ns_id);
	if (bpf_core_field_exists(namespace->seq))
		return BPF_CORE_READ(namespace, seq);
	return BPF_CORE_READ(namespace, ns.inum);
}

/* Notes that the workload of a slot has namespaces of its own, and whose its mount namespace is then. */
static __always_inline void rf_note_namespaces(struct task_struct *task, struct rf_slot *slot, __u32 index)
{
	struct rf_namespace_owner owner = {};
	__u64 namespace;

	if (slot->flags & RF_SLOT_NAMESPACED || !rf_in_own_namespace(task))
		return;
	__sync_fetch_and_or(&slot->flags, RF_SLOT_NAMESPACED);
	if (!rf_in_own_mount_namespace(task))
		return;
	namespace = rf_mount_namespace(task);
	owner.cgroup_id = slot->cgroup_id;
	owner.slot = index;
	bpf_map_update_elem(&rf_namespaces, &namespace, &owner, BPF_ANY);
}

static __always_inline bool rf_has_slot(const struct rf_task *state)
{
	return state->slot < RF_OUT_OF_SCOPE;
}

/*
 * The slot of a task, or NULL if it is another cgroup's by now: a thread that sleeps while its process is moved notices
 * later, and the slot of the cgroup that it left may have been given back.
 */
static __always_inline struct rf_slot *rf_own_slot(struct rf_task *state)
{
	struct rf_slot *slot = rf_has_slot(state) ? rf_slot_at(state->slot) : NULL;

	return slot && slot->cgroup_id == state->cgroup_id ? slot : NULL;
}

/*
 * The storage of a task, made if there is none. The kernel refuses to make one for a moment: while another processor makes
 * the same one, which is found when it is asked again; while somebody else on this processor is at it, whom this one has
 * interrupted; or when the memory set aside for it is not filled up yet.
 */
static __always_inline struct rf_task *rf_make_state(struct task_struct *task)
{
	struct rf_task *state = NULL;

	for (int i = 0; i < 3 && !state; i++)
		state = bpf_task_storage_get(&rf_tasks, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return state;
}

/* Keeps who is not workload where the address hooks find it. */
static __always_inline void rf_note_outsider(struct task_struct *task, struct rf_task *state)
{
	__u64 thread = (__u64)task->tgid << 32 | (__u32)task->pid;
	struct rf_control *control = rf_the_control();
	__u32 phase = state->phase;

	if (!rf_knobs.watch_network || !control)
		return;
	if (phase == RF_PHASE_WORKLOAD) {
		if (*(volatile __u64 *)&control->outsiders && bpf_map_delete_elem(&rf_outsiders, &thread) == 0)
			__sync_fetch_and_add(&control->outsiders, -1);
		return;
	}
	/* Counted before it can be met. One that is there already was counted then. */
	rf_count(control->outsiders);
	if (bpf_map_update_elem(&rf_outsiders, &thread, &phase, BPF_NOEXIST))
		__sync_fetch_and_add(&control->outsiders, -1);
}

/* Adds the task to the living workload of its cgroup and of the container that `slot` is part of, once. */
static __always_inline void rf_enter_workload(struct rf_task *state, struct rf_slot *slot)
{
	struct rf_slot *root = rf_slot_at(slot->root);

	if (!root || __sync_lock_test_and_set(&state->counted, 1))
		return;
	rf_count(root->live_workload);
	rf_count(slot->live_here);
}

/* Takes the task out of the slot that it is in: its calls are booked and it no longer counts as living. */
static __always_inline void rf_leave(struct rf_task *state)
{
	struct rf_slot *slot = rf_own_slot(state);
	struct rf_slot *root;

	if (!slot)
		return;
	__sync_fetch_and_add(&slot->calls, state->calls);
	state->calls = 0;
	root = rf_slot_at(slot->root);
	if (__sync_lock_test_and_set(&state->counted, 0) && root) {
		__sync_fetch_and_add(&root->live_workload, -1);
		__sync_fetch_and_add(&slot->live_here, -1);
	}
}

/*
 * A task has come into a container from outside: into one that nobody lives in, or beside a living workload. Beside means
 * in the container's own cgroup or in one below that somebody lives in: what is started in an empty cgroup below is
 * a container of its own, below a service that has namespaces of its own. `phase` is what it is in until it executes,
 * `from` the cgroup that it was recorded in before, or 0.
 */
static __always_inline void rf_join(struct task_struct *task, struct rf_task *state, struct rf_slot *slot, __u32 phase,
				    __u64 from)
{
	struct rf_slot *root = rf_slot_at(slot->root);
	struct rf_record *record;
	bool first;

	if (!root)
		return;
	/* A task that is moved by another one can notice by itself, in a call, before the mover's tracepoint runs. */
	first = __sync_lock_test_and_set(&state->joined, state->cgroup) != state->cgroup;
	state->filters_at_join = rf_filters_of(task);
	if (root->live_workload > 0 && (slot->root == state->slot || slot->live_here > 0)) {
		state->phase = RF_PHASE_SESSION + phase;
		if (first)
			rf_count(root->sessions);
	} else {
		state->phase = phase;
		if (first)
			rf_count(root->instances);
	}
	if (phase == RF_PHASE_WORKLOAD)
		rf_enter_workload(state, slot);
	rf_note_outsider(task, state);
	if (!first)
		return;
	record = rf_record_for(slot, state->slot, task, RF_KIND_JOIN);
	if (!record)
		return;
	record->phase = state->phase;
	record->args[0] = from;
	bpf_ringbuf_submit(record, 0);
}

/*
 * A workload that moves itself into a cgroup below its own is a service that puts its processes in order: it executes
 * nothing, and set-up, which is not judged, would never end. A runtime that moves what becomes a container is another
 * process. Everything is below the hierarchy's root, which says nothing.
 */
static __always_inline bool rf_moves_itself_below(struct task_struct *task, struct rf_task *state, struct rf_slot *old,
						  struct cgroup *cgroup)
{
	struct task_struct *mover = bpf_get_current_task_btf();

	return state->phase % 3 == RF_PHASE_WORKLOAD && old->level > 0 && mover->tgid == task->tgid &&
	       rf_is_below(rf_address(cgroup), old->cgroup_id);
}

/*
 * Brings a task's storage up to date with the cgroup that it is in now. Called for the first call of a task that has no
 * storage, after a migration, and for every task that is older than the capture.
 */
static __noinline int rf_resolve(struct task_struct *task, __u32 why)
{
	struct rf_task *state = bpf_task_storage_get(&rf_tasks, task, NULL, 0);
	struct rf_control *control = rf_the_control();
	struct cgroup *cgroup = rf_cgroup_of(task);
	struct task_struct *leader;
	struct rf_task *other;
	struct rf_slot *slot, *old;
	/* Storage without a cgroup is being filled by another processor: what comes of it must be the same. */
	bool fresh = !state || !state->cgroup;
	__u32 index, sub, phase;
	__u64 from;

	if (!control)
		return 0;
	if (rf_knobs.scope == RF_SCOPE_PROCESS && fresh && !(why & RF_SEED)) {
		/* A thread of a recorded process that the fork hook could not see (io_uring workers) follows its leader. */
		leader = task->group_leader;
		if (!leader || leader == task || !bpf_task_storage_get(&rf_tasks, leader, NULL, 0))
			return 0;
	}
	if (!rf_in_target(rf_address(cgroup))) {
		/* Remembered too, so that the cgroups above are looked at once and not at every call. */
		if (fresh)
			state = rf_make_state(task);
		if (!state)
			return 0;
		if (!fresh && rf_has_slot(state)) {
			rf_count(control->left_target);
			rf_leave(state);
		}
		state->slot = RF_OUT_OF_SCOPE;
		state->cgroup = (__u64)cgroup;
		state->joined = 0;
		return 0;
	}
	index = rf_slot_for(rf_address(cgroup));
	slot = rf_slot_at(index);
	if (!slot)
		rf_count(control->lost_cgroups);
	if (fresh) {
		state = rf_make_state(task);
		if (!state) {
			rf_count(control->lost_tasks);
			if (slot)
				__sync_fetch_and_or(&slot->flags, RF_SLOT_NO_STORAGE);
			return 0;
		}
		state->slot = RF_NO_SLOT;
	}
	if (!rf_has_slot(state)) {
		state->skip_exit = 1; /* the call that it may be in was not seen to begin */
		if (rf_knobs.keep_steady)
			state->filters_at_exec = rf_filters_of(task);
	}
	old = rf_own_slot(state);
	if (!slot) {
		rf_leave(state);
		state->slot = RF_NO_SLOT;
		state->cgroup = (__u64)cgroup;
		return 0;
	}
	sub = rf_sub_for(index, rf_address(BPF_CORE_READ(task, mm, exe_file)), rf_address(task));
	if (old && (old->root == slot->root || rf_knobs.scope == RF_SCOPE_PROCESS)) {
		/* A move inside one container, or of a recorded process, changes where facts go, not what they are. */
		__sync_fetch_and_add(&old->calls, state->calls);
		state->calls = 0;
		if (state->counted) {
			__sync_fetch_and_add(&old->live_here, -1);
			rf_count(slot->live_here);
		}
		state->slot = index;
		state->sub = sub;
		state->cgroup = (__u64)cgroup;
		state->cgroup_id = slot->cgroup_id;
		return 0;
	}
	phase = old && rf_moves_itself_below(task, state, old, cgroup) ? RF_PHASE_WORKLOAD : RF_PHASE_SETUP;
	from = old ? old->cgroup_id : 0;
	rf_leave(state);
	state->slot = index;
	state->sub = sub;
	state->cgroup_id = slot->cgroup_id;
	state->cgroup = (__u64)cgroup;
	state->filters_at_join = 0;
	state->attached = 0;
	if (fresh && !(why & RF_JOINING) && task->start_boottime < control->capture_start_ns) {
		state->phase = RF_PHASE_WORKLOAD;
		__sync_fetch_and_or(&slot->flags, RF_SLOT_LATE);
		rf_note_namespaces(task, slot, index);
		rf_enter_workload(state, slot);
		return 0;
	}
	/* Who has no state was born while none could be made: a thread is what its process is, a process what its parent is. */
	leader = task->group_leader;
	if (leader == task && fresh && !(why & RF_JOINING))
		leader = task->real_parent;
	other = leader && leader != task ? bpf_task_storage_get(&rf_tasks, leader, NULL, 0) : NULL;
	if (other && other->cgroup == (__u64)cgroup && other->slot == index) {
		state->phase = other->phase;
		state->filters_at_join = other->filters_at_join;
		state->filters_at_exec = other->filters_at_exec;
		state->attached = other->attached;
		if (other->phase % 3 == RF_PHASE_WORKLOAD)
			rf_enter_workload(state, slot);
		rf_note_outsider(task, state);
		return 0;
	}
	if (fresh && !(why & RF_JOINING) && rf_knobs.scope != RF_SCOPE_CGROUP) {
		/* Its parent is gone or elsewhere: what it is doing is not known, so it is not called set-up. */
		state->phase = RF_PHASE_WORKLOAD;
		rf_count(control->lost_tasks);
		__sync_fetch_and_or(&slot->flags, RF_SLOT_NO_STORAGE);
		rf_enter_workload(state, slot);
		return 0;
	}
	/* Who moves itself is in its own tracepoint; who finds itself moved was moved by another task. */
	state->attached = !(why & RF_JOINING) || bpf_get_current_task_btf() != task;
	rf_join(task, state, slot, phase, from);
	return 0;
}

/* The storage of a task, up to date, or NULL if nothing of it is recorded. */
static __always_inline struct rf_task *rf_task_of(struct task_struct *task)
{
	struct rf_task *state = bpf_task_storage_get(&rf_tasks, task, NULL, 0);

	if (!state || state->cgroup != (__u64)rf_cgroup_of(task)) {
		rf_resolve(task, 0);
		state = bpf_task_storage_get(&rf_tasks, task, NULL, 0);
		if (state && !state->cgroup)
			return NULL;
	}
	return state && rf_has_slot(state) ? state : NULL;
}

#endif
