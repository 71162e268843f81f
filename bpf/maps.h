/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Every map. Sizes are set by user space before loading; those here are the defaults of DESIGN.md. */
#ifndef RF_MAPS_H
#define RF_MAPS_H

#include "kernel.h"
#include "ringfence_events.h"

const volatile struct rf_knobs rf_knobs;

/* Facts: read in place by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct rf_slot);
} rf_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct rf_sub);
} rf_subs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rf_count_page);
} rf_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rf_control);
} rf_control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct rf_denied_key);
	__type(value, struct rf_denied);
} rf_denials SEC(".maps");

/* Values of arguments, of recordings; entries are made when they are needed. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct rf_option_key);
	__type(value, struct rf_values);
} rf_options SEC(".maps");

/* As many as sub-slots, of recordings. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rf_steady);
} rf_steady SEC(".maps");

/* What each profile allows; a slot's `policy` is an index + 1. Written by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rf_policy);
} rf_policies SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct rf_deviation_key);
	__type(value, struct rf_deviation);
} rf_deviations SEC(".maps");

/* Who a cgroup talks to, and where it listens: facts, like the bits of a sub-slot. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct rf_peer_key);
	__type(value, struct rf_peer_facts);
} rf_peers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct rf_unix_key);
	__type(value, struct rf_peer_facts);
} rf_unix_peers SEC(".maps");

/*
 * Who executed what, and with which credentials: facts. What nobody needs takes no memory: most cgroups have a few
 * entries, and new ones are rare.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 8192);
	__type(key, struct rf_edge_key);
	__type(value, struct rf_edge);
} rf_edges SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct rf_credential_key);
	__type(value, struct rf_credential);
} rf_credentials SEC(".maps");

/*
 * Threads that are not workload, while they are in a call that can use an address: before Linux 6.16 the address hooks
 * cannot look into task storage.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u32);
} rf_outsiders SEC(".maps");

/*
 * Which generation of programs works; those of others are idle. Not part of the layout, which may change: a map with one
 * number. In a section of its own it is a map as well, whose number is read without a lookup, on every call.
 */
__u64 rf_generation SEC(".data.generation");

/* Where things are. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u32);
} rf_slot_of SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct rf_sub_key);
	__type(value, __u32);
} rf_sub_of SEC(".maps");

/* Whose a mount namespace is, by what `rf_mount_namespace` says: at most one for each slot, the one that its workload began in. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct rf_namespace_owner);
} rf_namespaces SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, __u32);
} rf_free_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 16384);
	__type(value, __u32);
} rf_free_subs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct rf_task);
} rf_tasks SEC(".maps");

/* The story. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} rf_priority SEC(".maps");

/* Every call of the containers that are traced. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 12);
} rf_bulk SEC(".maps");

static __always_inline struct rf_control *rf_the_control(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&rf_control, &zero);
}

static __always_inline struct rf_slot *rf_slot_at(__u32 index)
{
	return bpf_map_lookup_elem(&rf_slots, &index);
}

static __always_inline struct rf_sub *rf_sub_at(__u32 index)
{
	return bpf_map_lookup_elem(&rf_subs, &index);
}

/* The table that an index + 1 names; NULL for 0, which judges nothing. */
static __always_inline struct rf_policy *rf_policy_at(__u32 policy)
{
	__u32 index = policy - 1;

	return bpf_map_lookup_elem(&rf_policies, &index);
}

/* True in programs that another generation has taken over from, or that have not taken over yet. */
static __always_inline bool rf_is_idle(void)
{
	return *(volatile __u64 *)&rf_generation != rf_knobs.generation;
}

/* A kernel address as the number that global functions take: the verifier does not let a typed pointer pass for one. */
static __always_inline __u64 rf_address(const void *pointer)
{
	__u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), &pointer);
	return address;
}

#define rf_count(counter) __sync_fetch_and_add(&(counter), 1)

#endif
