/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Finding or making the slot of a cgroup and the sub-slot of an executable in it. The functions are global, see
 * rf_write_file_path.
 */
#ifndef RF_SLOTS_H
#define RF_SLOTS_H

#include "paths.h"

/* The cgroup that identifies a task: of the default hierarchy, or of the chosen controller on v1-only hosts. */
static __always_inline struct cgroup *rf_cgroup_of(struct task_struct *task)
{
	struct cgroup_subsys_state *state;
	struct css_set *set;

	if (rf_knobs.legacy_controller < 0)
		return task->cgroups->dfl_cgrp;
	set = task->cgroups;
	bpf_probe_read_kernel(&state, sizeof(state),
			      (void *)set + bpf_core_field_offset(struct css_set, subsys) +
				      (rf_knobs.legacy_controller & 15) * sizeof(state));
	return BPF_CORE_READ(state, cgroup);
}

/* The cgroup above, or NULL above a hierarchy's root. */
static __always_inline struct cgroup *rf_cgroup_above(struct cgroup *cgroup)
{
	struct cgroup_subsys_state *above = BPF_CORE_READ(cgroup, self.parent);

	return above ? (void *)above - bpf_core_field_offset(struct cgroup, self) : NULL;
}

static __always_inline __u64 rf_cgroup_id(struct cgroup *cgroup)
{
	return BPF_CORE_READ(cgroup, kn, id);
}

/* True if the target cgroup is `cgroup` or above it; always when everything is recorded. */
__noinline int rf_in_target(__u64 cgroup_address)
{
	struct cgroup *cgroup = (struct cgroup *)cgroup_address;

	if (rf_knobs.scope != RF_SCOPE_CGROUP)
		return true;
	for (int step = 0; step < RF_CGROUP_STEPS && cgroup; step++) {
		if (rf_cgroup_id(cgroup) == rf_knobs.target_cgroup)
			return true;
		cgroup = rf_cgroup_above(cgroup);
	}
	return false;
}

/* True if the cgroup with this id is above. */
__noinline int rf_is_below(__u64 cgroup_address, __u64 id)
{
	struct cgroup *cgroup = (struct cgroup *)cgroup_address;

	for (int step = 0; step < RF_CGROUP_STEPS; step++) {
		cgroup = rf_cgroup_above(cgroup);
		if (!cgroup)
			break;
		if (rf_cgroup_id(cgroup) == id)
			return true;
	}
	return false;
}

static __always_inline __u32 rf_take_slot(struct rf_control *control)
{
	__u32 index;
	__u64 next;

	if (bpf_map_pop_elem(&rf_free_slots, &index) == 0)
		return index;
	next = rf_count(control->slots_used);
	return next < rf_knobs.max_slots ? (__u32)next : RF_NO_SLOT;
}

static __always_inline __u32 rf_take_sub(struct rf_control *control)
{
	__u32 index;
	__u64 next;

	if (bpf_map_pop_elem(&rf_free_subs, &index) == 0)
		return index;
	next = rf_count(control->subs_used) + rf_knobs.max_slots;
	return next < rf_knobs.max_subs ? (__u32)next : RF_NO_SLOT;
}

/*
 * The slot whose container this cgroup is part of: the nearest cgroup above that is a container (its workload lives in
 * namespaces of its own) or the target. The hierarchy's root is never one.
 */
__noinline int rf_root_above(__u64 cgroup_address, __u32 self)
{
	struct cgroup *cgroup = (struct cgroup *)cgroup_address;

	if (rf_knobs.scope == RF_SCOPE_CGROUP && rf_cgroup_id(cgroup) == rf_knobs.target_cgroup)
		return self;
	for (int step = 0; step < RF_CGROUP_STEPS; step++) {
		struct rf_slot *slot;
		__u32 *index;
		__u64 id;

		cgroup = rf_cgroup_above(cgroup);
		if (!cgroup || BPF_CORE_READ(cgroup, level) == 0)
			break;
		id = rf_cgroup_id(cgroup);
		index = bpf_map_lookup_elem(&rf_slot_of, &id);
		if (!index)
			continue;
		slot = rf_slot_at(*index);
		if (!slot)
			continue;
		if (slot->flags & RF_SLOT_NAMESPACED || slot->root != *index)
			return slot->root;
		if (rf_knobs.scope == RF_SCOPE_CGROUP && id == rf_knobs.target_cgroup)
			return *index;
	}
	return self;
}

/* What a new slot is judged by until user space has named it: as its container, if that is watched. */
static __always_inline __u32 rf_first_policy(struct rf_control *control, __u32 root_index, __u32 index)
{
	struct rf_slot *root = root_index != index ? rf_slot_at(root_index) : NULL;

	if (!root || !root->policy || root->policy == RF_POLICY_UNWATCHED)
		return control->default_policy;
	return root->policy;
}

/* The slot of a cgroup, made at first sight; RF_NO_SLOT when the table is full. */
__noinline int rf_slot_for(__u64 cgroup_address)
{
	struct cgroup *cgroup = (struct cgroup *)cgroup_address;
	struct rf_control *control = rf_the_control();
	__u64 id = rf_cgroup_id(cgroup);
	struct rf_slot *slot;
	struct rf_sub *other;
	__u32 index;
	int end;
	__u32 *known;

	known = bpf_map_lookup_elem(&rf_slot_of, &id);
	if (known)
		return *known;
	if (!control)
		return RF_NO_SLOT;
	index = rf_take_slot(control);
	slot = rf_slot_at(index);
	/* Its "other" has the same index, so that no flood of executables can cost a new cgroup its slot. */
	other = rf_sub_at(index);
	if (!slot || !other)
		return RF_NO_SLOT;
	other->slot = index;
	other->flags = RF_SUB_OTHER;
	other->path_offset = RF_PATH - 1;
	other->state = RF_READY;
	slot->cgroup_id = id;
	slot->first_seen_ns = bpf_ktime_get_boot_ns();
	slot->level = BPF_CORE_READ(cgroup, level);
	slot->other_sub = index;
	slot->flags = 0;
	end = rf_write_cgroup_path((struct rf_path_area *)slot, cgroup_address);
	slot->path_offset = RF_PATH_OFFSET(end);
	slot->path_cut = RF_PATH_FLAGS(end);
	slot->root = rf_root_above(rf_address(cgroup), index);
	slot->policy = rf_first_policy(control, slot->root, index);
	if (bpf_map_update_elem(&rf_slot_of, &id, &index, BPF_NOEXIST) == 0) {
		slot->state = RF_READY;
		return index;
	}
	/* Another processor made it first, or the table of names is full: give the place back. */
	slot->cgroup_id = 0;
	other->state = RF_FREE;
	bpf_map_push_elem(&rf_free_slots, &index, 0);
	known = bpf_map_lookup_elem(&rf_slot_of, &id);
	return known ? *known : RF_NO_SLOT;
}

/* What user space wants of the container that a slot is part of. */
static __always_inline __u32 rf_mode_of(struct rf_slot *slot)
{
	struct rf_slot *root = rf_slot_at(slot->root);

	return root ? root->mode : 0;
}

/* The sub-slot of the executable file of a task, made at first sight; the slot's "other" when no place is left. */
__noinline int rf_sub_for(__u32 slot_index, __u64 file_address, __u64 task_address)
{
	struct file *file = (struct file *)file_address;
	struct rf_slot *slot = rf_slot_at(slot_index);
	struct rf_control *control = rf_the_control();
	struct rf_sub_key key = {};
	struct rf_sub *sub;
	__u32 *known;
	__u32 index;
	int end;

	if (!slot)
		return RF_NO_SLOT;
	if (!file || !control)
		return slot->other_sub;
	key.slot = slot_index;
	key.device = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
	key.inode = BPF_CORE_READ(file, f_inode, i_ino);
	/* overlayfs has no generations: there the size tells most replaced files apart. */
	key.generation = BPF_CORE_READ(file, f_inode, i_generation) ^ (__u32)BPF_CORE_READ(file, f_inode, i_size);
	known = bpf_map_lookup_elem(&rf_sub_of, &key);
	if (known)
		return *known;
	if (slot->subs >= RF_SUBSLOTS_PER_SLOT)
		goto full;
	index = rf_take_sub(control);
	sub = rf_sub_at(index);
	if (!sub)
		goto full;
	sub->device = key.device;
	sub->inode = key.inode;
	sub->generation = key.generation;
	sub->slot = slot_index;
	sub->attention = rf_mode_of(slot) & RF_MODE_TRACED ? RF_ATTEND_TRACED : 0;
	sub->first_seen_ns = bpf_ktime_get_boot_ns();
	end = rf_write_file_path((struct rf_path_area *)sub, file_address, task_address);
	sub->path_offset = RF_PATH_OFFSET(end);
	sub->flags = RF_PATH_FLAGS(end);
	if (bpf_map_update_elem(&rf_sub_of, &key, &index, BPF_NOEXIST) == 0) {
		rf_count(slot->subs);
		sub->state = RF_READY;
		return index;
	}
	bpf_map_push_elem(&rf_free_subs, &index, 0);
	known = bpf_map_lookup_elem(&rf_sub_of, &key);
	if (known)
		return *known;
full:
	rf_count(control->lost_executables);
	__sync_fetch_and_or(&slot->flags, RF_SLOT_SUBS_FULL);
	return slot->other_sub;
}

#endif
