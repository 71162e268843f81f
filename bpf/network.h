/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Who a cgroup talks to, and where it listens: one entry a peer, made at first contact. A full ring, a restart or a
 * flood beside it cannot lose one; what finds no place is counted in the slot.
 */
#ifndef RF_NETWORK_H
#define RF_NETWORK_H

#include <bpf/bpf_endian.h>

#include "phases.h"

#define RF_AF_INET 2
#define RF_AF_INET6 10
#define RF_IPPROTO_TCP 6
#define RF_IPPROTO_UDP 17
#define RF_BINDPORT_LOCK 8 /* SOCK_BINDPORT_LOCK: the program chose the port, not the kernel */
/* ::ffff:0:0, before an IPv4 address, as it lies in memory. */
#define RF_MAPPED ((__u64)bpf_htonl(0xffff))
/* ::1, the lower half, as it lies in memory. */
#define RF_LOOPBACK6 ((__u64)bpf_htonl(1) << 32)

/* include/net/tcp_states.h, include/uapi/asm-generic/errno.h */
#define RF_TCP_ESTABLISHED 1
#define RF_TCP_SYN_SENT 2
#define RF_TCP_SYN_RECV 3
#define RF_TCP_CLOSE 7
#define RF_TCP_LISTEN 10
#define RF_ETIMEDOUT 110
#define RF_ECONNREFUSED 111

/* 127.0.0.0/8; `address` as it lies in memory. */
#define RF_IS_LOOPBACK4(address) ((bpf_ntohl(address) >> 24) == 127)

static __always_inline bool rf_is_loopback6(__u64 high, __u64 low)
{
	return (!high && low == RF_LOOPBACK6) || (!high && (__u32)low == (__u32)RF_MAPPED && RF_IS_LOOPBACK4((__u32)(low >> 32)));
}

/* A container's own address is another one each time it starts: what counts is who can reach the listener. */
static __always_inline void rf_set_listener(struct rf_peer_key *key, bool is_loopback)
{
	key->address[0] = 0;
	key->address[1] = is_loopback ? RF_LOOPBACK6 : 0;
}

static __always_inline void rf_set_ipv4(struct rf_peer_key *key, __u32 address)
{
	key->address[0] = 0;
	key->address[1] = RF_MAPPED | (__u64)address << 32;
}

static __always_inline void rf_read_address6(__u64 words[2], struct sock *sk, __u32 offset)
{
	bpf_probe_read_kernel(words, 2 * sizeof(__u64), (void *)sk + bpf_core_field_offset(struct sock, __sk_common) + offset);
}

/* The listener that a socket is, or was accepted by. */
static __always_inline void rf_listener_key(struct sock *sk, struct rf_peer_key *key)
{
	__u64 local[2] = {};

	if (BPF_CORE_READ(sk, __sk_common.skc_family) == RF_AF_INET) {
		rf_set_listener(key, RF_IS_LOOPBACK4(BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr)));
	} else {
		rf_read_address6(local, sk, bpf_core_field_offset(struct sock_common, skc_v6_rcv_saddr));
		rf_set_listener(key, rf_is_loopback6(local[0], local[1]));
	}
	key->protocol = RF_IPPROTO_TCP;
	key->port = BPF_CORE_READ(sk, __sk_common.skc_num);
}

/* The slot of a socket's cgroup; RF_NO_SLOT if it has none. */
static __always_inline __u32 rf_slot_of_socket(struct sock *sk)
{
	__u64 cgroup = BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
	__u32 *index = bpf_map_lookup_elem(&rf_slot_of, &cgroup);

	return index ? *index : RF_NO_SLOT;
}

/* The entry of an outgoing connection's peer: the workload's, else an exec session's. */
static __always_inline struct rf_peer_facts *rf_peer_of(struct sock *sk)
{
	struct rf_peer_key key = {};
	struct rf_peer_facts *peer;

	key.kind = RF_PEER_CONNECT;
	key.protocol = RF_IPPROTO_TCP;
	key.slot = rf_slot_of_socket(sk);
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == RF_AF_INET)
		rf_set_ipv4(&key, BPF_CORE_READ(sk, __sk_common.skc_daddr));
	else
		rf_read_address6(key.address, sk, bpf_core_field_offset(struct sock_common, skc_v6_daddr));
	key.port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	peer = bpf_map_lookup_elem(&rf_peers, &key);
	if (peer)
		return peer;
	key.kind |= RF_PEER_SESSION;
	return bpf_map_lookup_elem(&rf_peers, &key);
}

/* The entry of the listener that accepted a connection. It may listen at any address, and at a port of the kernel's choice. */
static __always_inline struct rf_peer_facts *rf_listener_of(struct sock *sk)
{
	struct rf_peer_key key = {};
	struct rf_peer_facts *listener;
	__u64 loopback;
	__u16 port;

	key.kind = RF_PEER_LISTEN;
	key.slot = rf_slot_of_socket(sk);
	rf_listener_key(sk, &key);
	loopback = key.address[1];
	port = key.port;
	for (int turn = 0; turn < 4; turn++) {
		key.address[1] = turn & 1 ? 0 : loopback;
		key.port = turn & 2 ? 0 : port;
		listener = bpf_map_lookup_elem(&rf_peers, &key);
		if (listener)
			return listener;
	}
	return NULL;
}

/* Marks what a session or a container's set-up does: it is nothing that the workload did. */
static __always_inline void rf_mark_outsider(__u8 *kind)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct rf_control *control = rf_the_control();

	/* Mostly there is none on the whole host, which saves looking for one. */
	if (control && *(volatile __u64 *)&control->outsiders && bpf_map_lookup_elem(&rf_outsiders, &thread))
		*kind |= RF_PEER_SESSION;
}

/* Takes one more place for a peer of a slot. False if none is left, which is counted. */
static __always_inline bool rf_take_peer(struct rf_slot *slot)
{
	if (rf_count(slot->peers) < RF_PEERS_PER_SLOT)
		return true;
	__sync_fetch_and_add(&slot->peers, -1);
	rf_count(slot->lost_peers);
	return false;
}

/*
 * A new entry, made by the current task; false if the slot has all that it may have, which is counted. Whoever loses the
 * record that follows finds the entry in the table.
 */
static __noinline bool rf_make_peer(struct rf_peer_facts *fresh, __u32 slot_index)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct rf_slot *slot = rf_slot_at(slot_index);

	if (!slot || !rf_take_peer(slot))
		return false;
	fresh->count = 1;
	fresh->first_ns = bpf_ktime_get_boot_ns();
	fresh->last_ns = fresh->first_ns;
	fresh->pid = bpf_get_current_pid_tgid() >> 32;
	fresh->sub = rf_sub_for(slot_index, rf_address(BPF_CORE_READ(task, mm, exe_file)), rf_address(task));
	return true;
}

/* Another processor made the entry first, or the table is full: gives the place back. */
static __noinline int rf_unmake_peer(__u32 slot_index, bool is_known)
{
	struct rf_slot *slot = rf_slot_at(slot_index);

	if (!slot)
		return 0;
	__sync_fetch_and_add(&slot->peers, -1);
	if (!is_known)
		rf_count(slot->lost_peers);
	return 0;
}

/* Reports a first contact, with what it was made of; a unix socket's name stands in the table only. */
static __noinline int rf_report_peer(__u32 slot_index, struct rf_peer_facts *peer, struct rf_peer_key *key)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct rf_slot *slot = rf_slot_at(slot_index);
	struct rf_sub *sub = rf_sub_at(peer->sub);
	struct rf_record *record;

	if (!slot || !sub)
		return 0;
	record = rf_record_for(slot, slot_index, task, RF_KIND_PEER);
	if (!record)
		return 0;
	rf_add_executable(record, sub, peer->sub);
	record->time_ns = peer->first_ns; /* by it user space knows that record and entry tell of the same */
	record->number = key->kind;
	record->args[0] = key->address[0];
	record->args[1] = key->address[1];
	record->args[2] = key->port;
	record->args[3] = key->protocol;
	record->policy = slot->policy;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* Whether a table has an entry of a peer; then one more contact is booked in it. */
static __always_inline bool rf_meets_again(void *peers, void *key)
{
	struct rf_peer_facts *peer = bpf_map_lookup_elem(peers, key);
	__u32 tick = bpf_jiffies64();

	if (!peer)
		return false;
	rf_count(peer->count);
	/* Reading the clock costs more than all else here. */
	if (peer->tick != tick) {
		peer->tick = tick;
		peer->last_ns = bpf_ktime_get_boot_ns();
	}
	return true;
}

/* Makes the entry of a peer in its table and reports it as `story`: its own key, or what a record has room for. */
static __always_inline int rf_meets_first(void *peers, void *key, __u32 slot_index, struct rf_peer_key *story)
{
	struct rf_peer_facts fresh = {};

	if (!rf_make_peer(&fresh, slot_index))
		return 0;
	if (bpf_map_update_elem(peers, key, &fresh, BPF_NOEXIST) == 0)
		return rf_report_peer(slot_index, &fresh, story);
	return rf_unmake_peer(slot_index, bpf_map_lookup_elem(peers, key) != NULL);
}

static __noinline int rf_first_contact(struct rf_peer_key *key)
{
	return rf_meets_first(&rf_peers, key, key->slot, key);
}

/* The slot of the current task's cgroup; RF_NO_SLOT if it has none. */
static __always_inline __u32 rf_current_slot(void)
{
	__u64 cgroup = bpf_get_current_cgroup_id();
	__u32 *index = bpf_map_lookup_elem(&rf_slot_of, &cgroup);

	return index ? *index : RF_NO_SLOT;
}

/* Books one contact of the current task. */
static __always_inline void rf_contact(struct rf_peer_key *key)
{
	key->slot = rf_current_slot();
	if (key->slot == RF_NO_SLOT)
		return;
	rf_mark_outsider(&key->kind);
	if (!rf_meets_again(&rf_peers, key))
		rf_first_contact(key);
}

/* The same for a unix socket, whose slot the caller has looked up. */
static __always_inline void rf_unix_contact(struct rf_unix_key *key)
{
	struct rf_peer_key story = {};

	story.kind = key->kind;
	rf_mark_outsider(&story.kind);
	key->kind = story.kind;
	if (!rf_meets_again(&rf_unix_peers, key))
		rf_meets_first(&rf_unix_peers, key, key->slot, &story);
}

#endif
