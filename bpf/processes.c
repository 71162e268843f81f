/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Fork, exec and exit: how a task's place and phase are passed on, change and end. */
#include "executions.h"

SEC("tp_btf/sched_process_fork")
int BPF_PROG(rf_fork, struct task_struct *parent, struct task_struct *child)
{
	struct rf_task *state = rf_is_idle() ? NULL : rf_task_of(parent);
	struct rf_control *control = rf_the_control();
	struct rf_task *born;
	struct rf_slot *slot;

	if (!state || !control)
		return 0;
	slot = rf_slot_at(state->slot);
	if (!slot)
		return 0;
	rf_count(slot->forks);
	rf_see_credentials(parent, state);
	born = rf_make_state(child);
	if (!born) {
		/* Its first call makes it, and takes the phase of its parent. Who is found by nothing but this hook is lost. */
		if (rf_knobs.scope != RF_SCOPE_PROCESS)
			return 0;
		rf_count(control->lost_tasks);
		__sync_fetch_and_or(&slot->flags, RF_SLOT_NO_STORAGE);
		return 0;
	}
	/* A child cloned straight into another cgroup (clone3) keeps its parent's; its first call then finds it moved. */
	born->cgroup = state->cgroup;
	born->cgroup_id = state->cgroup_id;
	born->slot = state->slot;
	born->sub = state->sub;
	born->filters_at_join = state->filters_at_join;
	born->filters_at_exec = state->filters_at_exec;
	born->attached = state->attached;
	born->phase = state->phase;
	/* Its calls and whether it is counted stay: the search for existing tasks may have come upon it a moment ago. */
	born->entered = 0;
	born->skip_exit = 1;
	if (born->phase % 3 == RF_PHASE_WORKLOAD)
		rf_enter_workload(born, slot);
	if (born->phase != RF_PHASE_WORKLOAD)
		rf_note_outsider(child, born);
	return 0;
}

/*
 * A runtime that executes a copy of itself in the container's cgroup is still setting up. runc does so, before or after
 * it is moved there: the copy is the file it runs from already, or one without a name.
 */
static __always_inline bool rf_runtime_again(struct task_struct *task, struct rf_task *state, struct file *file)
{
	struct rf_sub *sub = rf_sub_at(state->sub);

	if (!state->attached || !sub)
		return false;
	/* A runtime that sets up has the root that it came with; what runs in the container's is the workload. */
	if (BPF_CORE_READ(task, fs, root.dentry) != BPF_CORE_READ(task, real_parent, fs, root.dentry))
		return false;
	if (BPF_CORE_READ(file, f_inode, i_nlink) == 0)
		return true;
	return sub->inode == BPF_CORE_READ(file, f_inode, i_ino) &&
	       sub->device == BPF_CORE_READ(file, f_inode, i_sb, s_dev);
}

/* Adds an executable that no sub-slot stands for alone. */
static __always_inline void rf_add_file(struct rf_record *record, struct file *file, struct task_struct *task)
{
	int end;

	record->device = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
	record->inode = BPF_CORE_READ(file, f_inode, i_ino);
	end = rf_write_file_path((struct rf_path_area *)record, rf_address(file), rf_address(task));
	record->path_offset = RF_PATH_OFFSET(end);
	record->path_flags = RF_PATH_FLAGS(end);
}

/* Bytes of a script's name that are kept, where the path of its interpreter leaves so much room. */
#define RF_SCRIPT 128
#define RF_SCRIPT_LEAST 16

/*
 * Adds the name of the script that a program is executed for. That it is a script is the kernel's word; the name is the
 * caller's, as it was copied from there: nothing says that this file was read.
 */
static __always_inline void rf_add_script(struct rf_record *record, struct linux_binprm *binprm)
{
	const char *name = BPF_CORE_READ(binprm, filename);
	__u32 room = record->path_offset & (RF_PATH - 1);
	long length;

	if (name == BPF_CORE_READ(binprm, interp) || room < RF_SCRIPT_LEAST)
		return;
	if (room > RF_SCRIPT)
		room = RF_SCRIPT;
	length = bpf_probe_read_kernel_str(record->path, room, name);
	if (length < 2)
		return;
	if (length == room)
		record->path_flags |= RF_SCRIPT_CUT;
	record->path_skip = record->path_offset;
	record->path_offset = 0;
}

/*
 * Tells of a program that is executed in the mount namespace of another container than the one whose cgroup it is in:
 * somebody has joined that by setns(2) alone, as nsenter does, and nothing that it does is recorded there.
 */
static __noinline int rf_tell_entry(struct task_struct *task, struct rf_task *state, struct file *file)
{
	__u64 namespace = rf_mount_namespace(task);
	struct rf_namespace_owner *owner;
	struct rf_slot *slot, *root, *own;
	struct rf_record *record;
	__u64 from = 0;

	if (!rf_in_own_mount_namespace(task))
		return 0;
	owner = bpf_map_lookup_elem(&rf_namespaces, &namespace);
	slot = owner ? rf_slot_at(owner->slot) : NULL;
	if (!slot || slot->cgroup_id != owner->cgroup_id)
		return 0;
	/* Where nobody lives any more, there is nobody to be joined. */
	root = rf_slot_at(slot->root);
	if (!root || root->live_workload <= 0)
		return 0;
	own = state ? rf_own_slot(state) : NULL;
	if (own) {
		if (own->root == slot->root)
			return 0;
		from = own->cgroup_id;
	}
	record = rf_record_for(slot, owner->slot, task, RF_KIND_EXEC);
	if (!record)
		return 0;
	record->phase = RF_PHASE_SESSION + RF_PHASE_WORKLOAD;
	record->detail = RF_DETAIL_ENTERED;
	record->args[0] = from;
	rf_add_file(record, file, task);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(rf_exec, struct task_struct *task, int old_pid, struct linux_binprm *binprm)
{
	struct rf_task *state = rf_is_idle() ? NULL : rf_task_of(task);
	struct rf_execution execution = {};
	struct rf_record *record;
	struct rf_slot *slot;
	struct rf_sub *sub;
	struct file *file;

	file = BPF_CORE_READ(binprm, file);
	if (!rf_is_idle())
		rf_tell_entry(task, state, file);
	if (!state)
		return 0;
	if (rf_knobs.keep_steady)
		state->filters_at_exec = rf_filters_of(task);
	slot = rf_slot_at(state->slot);
	if (!slot)
		return 0;
	rf_count(slot->execs);
	execution.parent = state->phase % 3 == RF_PHASE_WORKLOAD ? state->sub + 1 : 0;
	if (state->phase % 3 == RF_PHASE_SETUP && !rf_runtime_again(task, state, file))
		state->phase += RF_PHASE_WORKLOAD;
	state->attached = 0; /* it does so once */
	rf_note_outsider(task, state);
	if (state->phase % 3 == RF_PHASE_WORKLOAD) {
		rf_enter_workload(state, slot);
		rf_note_namespaces(task, slot, state->slot);
	}
	state->sub = rf_sub_for(state->slot, rf_address(file), rf_address(task));
	sub = rf_sub_at(state->sub);
	if (!sub)
		return 0;
	if (state->phase == RF_PHASE_WORKLOAD && !(sub->attention & RF_ATTEND_RAN))
		__sync_fetch_and_or(&sub->attention, RF_ATTEND_RAN);
	rf_note_execution(task, state, &execution);
	/* "Other" stands for many: that one of them is expected says nothing of the rest. */
	if (sub->attention & RF_ATTEND_EXPECTED && !(sub->flags & RF_SUB_OTHER) && state->phase < RF_PHASE_SESSION &&
	    !execution.news)
		return 0;
	record = rf_record_for(slot, state->slot, task, RF_KIND_EXEC);
	if (!record)
		return 0;
	rf_add_executable(record, sub, state->sub);
	record->phase = state->phase;
	rf_add_execution(record, &execution);
	if (sub->flags & RF_SUB_OTHER)
		rf_add_file(record, file, task);
	rf_add_script(record, binprm);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(rf_exit, struct task_struct *task)
{
	struct rf_task *state = bpf_task_storage_get(&rf_tasks, task, NULL, 0);
	struct rf_slot *slot;

	if (!state || rf_is_idle())
		return 0;
	slot = rf_own_slot(state);
	if (!slot)
		return 0;
	rf_count(slot->exits);
	rf_see_credentials(task, state);
	if (state->phase != RF_PHASE_WORKLOAD) {
		state->phase = RF_PHASE_WORKLOAD;
		rf_note_outsider(task, state);
	}
	rf_leave(state);
	return 0;
}
