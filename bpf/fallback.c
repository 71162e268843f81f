/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Where task storage cannot be had (before Linux 5.11): calls per cgroup, found by id, one byte a fact because there is
 * no atomic OR. No phases, no executables; the profile says that it is partial.
 */
#include "calls.h"
#include "slots.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct rf_bytes);
} rf_cgroup_bytes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rf_bytes);
} rf_empty_bytes SEC(".maps");

SEC("raw_tp/sys_enter")
int rf_fallback(struct bpf_raw_tracepoint_args *context)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	/* Not bpf_get_current_ancestor_cgroup_id: Linux 5.10 keeps it from tracing programs. */
	struct cgroup *cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp);
	__u64 id = rf_cgroup_id(cgroup);
	long number = context->args[1];
	struct rf_bytes *bytes, *empty;
	__u32 abi = RF_ABI_NATIVE, zero = 0, index;

	if (rf_is_idle() || !rf_in_target(rf_address(cgroup)))
		return 0;
#if defined(__TARGET_ARCH_x86)
	if (BPF_CORE_READ(task, thread_info.status) & RF_TS_COMPAT)
		abi = RF_ABI_COMPAT;
	else if (number >= RF_X32_BIT) {
		number &= ~RF_X32_BIT;
		abi = RF_ABI_X32;
	}
#elif defined(__TARGET_ARCH_arm64)
	if (BPF_CORE_READ(task, thread_info.flags) & (1ul << RF_TIF_32BIT))
		abi = RF_ABI_COMPAT;
#endif
	bytes = bpf_map_lookup_elem(&rf_cgroup_bytes, &id);
	if (!bytes) {
		empty = bpf_map_lookup_elem(&rf_empty_bytes, &zero);
		if (!empty)
			return 0;
		bpf_map_update_elem(&rf_cgroup_bytes, &id, empty, BPF_NOEXIST);
		bytes = bpf_map_lookup_elem(&rf_cgroup_bytes, &id);
		if (!bytes)
			return 0;
	}
	if ((unsigned long)number >= RF_CALLS) {
		bytes->out_of_range = 1;
		return 0;
	}
	index = abi * RF_CALLS + (__u32)number;
	if (index < RF_ABIS * RF_CALLS)
		((__u8 *)bytes->seen)[index] = 1;
	return 0;
}
