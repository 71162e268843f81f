/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Cgroups made and removed, and processes moved into them. */
#include "phases.h"

/* On hybrid hosts these tracepoints fire for every v1 hierarchy too: only the one that identifies containers counts. */
static __always_inline bool rf_identifies(struct cgroup *cgroup)
{
	int hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id);
	struct task_struct *task;

	if (rf_knobs.legacy_controller < 0)
		return hierarchy == 0;
	task = bpf_get_current_task_btf();
	return hierarchy == BPF_CORE_READ(rf_cgroup_of(task), root, hierarchy_id);
}

static __always_inline void rf_report_cgroup(struct cgroup *cgroup, __u32 kind)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 id = rf_cgroup_id(cgroup);
	__u32 *index = bpf_map_lookup_elem(&rf_slot_of, &id);
	struct rf_slot *slot = index ? rf_slot_at(*index) : NULL;
	struct rf_record *record;
	int end;

	if (slot && kind == RF_KIND_CGROUP_REMOVED)
		__sync_fetch_and_or(&slot->flags, RF_SLOT_REMOVED);
	record = rf_record_for(slot, index ? *index : RF_NO_SLOT, task, kind);
	if (!record)
		return;
	record->cgroup_id = id;
	end = rf_write_cgroup_path((struct rf_path_area *)record, rf_address(cgroup));
	record->path_offset = RF_PATH_OFFSET(end);
	record->path_flags = RF_PATH_FLAGS(end);
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(rf_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	if (!rf_is_idle() && rf_identifies(cgroup) && rf_in_target(rf_address(cgroup)))
		rf_report_cgroup(cgroup, RF_KIND_CGROUP_MADE);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(rf_cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	if (!rf_is_idle() && rf_identifies(cgroup) && rf_in_target(rf_address(cgroup)))
		rf_report_cgroup(cgroup, RF_KIND_CGROUP_REMOVED);
	return 0;
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(rf_cgroup_attach, struct cgroup *cgroup, const char *path, struct task_struct *task, bool threadgroup)
{
	if (!rf_is_idle() && rf_identifies(cgroup))
		rf_resolve(task, RF_JOINING);
	return 0;
}
