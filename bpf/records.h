/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Making records: budget, account, ring, and the fields that every kind has. */
#ifndef RF_RECORDS_H
#define RF_RECORDS_H

#include "maps.h"

#define RF_SECOND_NS 1000000000ull

/* True while the slot may send one more record of this kind in this second. */
static __always_inline bool rf_within_budget(struct rf_bucket *bucket, __u64 limit, __u64 now)
{
	__u64 start = bucket->window_start_ns;

	if ((__s64)(now - start) >= (__s64)RF_SECOND_NS && __sync_val_compare_and_swap(&bucket->window_start_ns, start, now) == start)
		bucket->used = 0;
	return rf_count(bucket->used) < limit;
}

/* The nearest processes above a task. */
__noinline int rf_write_ancestors(struct rf_record *record, __u64 task_address)
{
	struct task_struct *parent = (struct task_struct *)task_address;

	if (!record)
		return 0;

	for (int i = 0; i < RF_ANCESTORS; i++) {
		struct rf_ancestor *ancestor = &record->ancestors[i];

		parent = BPF_CORE_READ(parent, real_parent);
		ancestor->pid = BPF_CORE_READ(parent, tgid);
		if (!ancestor->pid)
			break;
		ancestor->start_ns = BPF_CORE_READ(parent, group_leader, start_boottime);
		BPF_CORE_READ_STR_INTO(&ancestor->comm, parent, group_leader, comm);
		record->ancestor_count = i + 1;
	}
	return 0;
}

/* Books a record that is to be sent. False if the budget is used up, which is booked too. */
static __noinline bool rf_may_send(struct rf_slot *slot, __u32 kind)
{
	struct rf_control *control = rf_the_control();

	if (kind >= RF_KINDS || !control)
		return false;
	if (!slot) {
		rf_count(control->account.produced);
		if (rf_within_budget(&control->bucket, rf_knobs.budget[kind], bpf_ktime_get_boot_ns()))
			return true;
		rf_count(control->account.suppressed);
		return false;
	}
	rf_count(slot->account[kind].produced);
	if (rf_within_budget(&slot->bucket[kind], rf_knobs.budget[kind], bpf_ktime_get_boot_ns()))
		return true;
	rf_count(slot->account[kind].suppressed);
	return false;
}

/* Books what became of it. */
static __noinline int rf_book_sent(struct rf_slot *slot, __u32 kind, bool sent)
{
	struct rf_control *control = rf_the_control();
	struct rf_account *account;

	if (kind >= RF_KINDS || !control)
		return 0;
	account = &control->account;
	if (slot) {
		barrier_var(slot); /* or clang adds the offset before the check, which the verifier refuses */
		account = &slot->account[kind];
	}
	if (sent)
		rf_count(account->delivered);
	else
		rf_count(account->dropped);
	return 0;
}

/* Writes what every kind of record has. */
__noinline int rf_describe(struct rf_record *record, __u64 task_address)
{
	struct task_struct *task = (struct task_struct *)task_address;

	if (!record)
		return 0;
	__builtin_memset(record, 0, sizeof(*record));
	record->sub = RF_NO_SLOT;
	record->time_ns = bpf_ktime_get_boot_ns();
	record->path_offset = RF_PATH - 1;
	record->uid = (__u32)bpf_get_current_uid_gid();
	record->pid = BPF_CORE_READ(task, pid);
	record->tgid = BPF_CORE_READ(task, tgid);
	record->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	BPF_CORE_READ_STR_INTO(&record->comm, task, comm);
	rf_write_ancestors(record, task_address);
	return 0;
}

/*
 * Room for one record of `kind` about `task`, described, or NULL when the budget is used up or the ring is full; both are
 * counted. `slot` may be NULL for a cgroup that has none. Inlined: Linux 6.1 loses track of a reservation that a function
 * returns.
 */
static __always_inline struct rf_record *rf_record_for(struct rf_slot *slot, __u32 slot_index, struct task_struct *task,
						       __u32 kind)
{
	struct rf_record *record;

	if (!rf_may_send(slot, kind))
		return NULL;
	record = bpf_ringbuf_reserve(&rf_priority, sizeof(*record), 0);
	if (!record) {
		rf_book_sent(slot, kind, false);
		return NULL;
	}
	rf_book_sent(slot, kind, true);
	rf_describe(record, rf_address(task));
	record->kind = kind;
	record->slot = slot_index;
	if (slot) {
		barrier_var(slot);
		record->cgroup_id = slot->cgroup_id;
	}
	return record;
}

/* Adds the executable that a sub-slot stands for. */
static __always_inline void rf_add_executable(struct rf_record *record, struct rf_sub *sub, __u32 index)
{
	record->sub = index;
	record->device = sub->device;
	record->inode = sub->inode;
	record->path_offset = sub->path_offset;
	record->path_flags = sub->flags & (RF_SUB_PATH_CUT | RF_SUB_DELETED);
	__builtin_memcpy(record->path, sub->path, RF_PATH);
}

#endif
