/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Which sockets ask for names. The address hooks see whom a program asks before any translation of addresses: an engine's
 * own resolver at 127.0.0.11:53 has another port in the packet. What is known is kept in the socket's own storage: it ends
 * with the socket, costs those who have none a look at one pointer, and no flood beside it pushes it out.
 */
#ifndef RF_DNS_H
#define RF_DNS_H

#include "network.h"

#define RF_DNS_PORT 53
#define RF_DNS_RESOLVERS 4 /* of one socket; resolv.conf(5) has three at most */

struct rf_dns_socket {
	__u64 resolvers[RF_DNS_RESOLVERS][2]; /* network order, IPv4 as ::ffff:a.b.c.d */
	__u64 cgroup_id;
	__u32 slot;
	__u32 process; /* that asked last */
	__u32 count;   /* of resolvers so far: a fifth takes the first one's place */
	__u32 last;    /* asked last */
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct rf_dns_socket);
} rf_dns_sockets SEC(".maps");

/* Where a resolver is among those of a socket; RF_DNS_RESOLVERS if it is none of them. */
static __always_inline __u32 rf_resolver_index(struct rf_dns_socket *socket, __u64 high, __u64 low)
{
	for (__u32 index = 0; index < RF_DNS_RESOLVERS; index++)
		if (socket->resolvers[index][1] == low && socket->resolvers[index][0] == high && low)
			return index;
	return RF_DNS_RESOLVERS;
}

/* Whether anybody reads the names of a slot: those of the host's own services, unwatched, are nobody's business. */
static __always_inline bool rf_reads_names(struct rf_slot *slot)
{
	return slot->policy != RF_POLICY_UNWATCHED;
}

/* Notes that a socket of the current task is about to send to a resolver. */
static __always_inline void rf_asks(struct bpf_sock_addr *context, struct rf_peer_key *key)
{
	struct rf_dns_socket *socket;
	struct rf_slot *slot;
	__u32 index;

	if (!rf_knobs.watch_names || key->port != RF_DNS_PORT || key->protocol != RF_IPPROTO_UDP || key->slot == RF_NO_SLOT)
		return;
	slot = rf_slot_at(key->slot);
	if (!slot || !rf_reads_names(slot) || !context->sk)
		return;
	socket = bpf_sk_storage_get(&rf_dns_sockets, context->sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!socket)
		return;
	index = rf_resolver_index(socket, key->address[0], key->address[1]);
	if (index == RF_DNS_RESOLVERS) {
		index = socket->count % RF_DNS_RESOLVERS;
		socket->count++;
		socket->resolvers[index][0] = key->address[0];
		socket->resolvers[index][1] = key->address[1];
	}
	socket->last = index;
	socket->cgroup_id = slot->cgroup_id;
	socket->slot = key->slot;
	socket->process = bpf_get_current_pid_tgid() >> 32;
}

#endif
