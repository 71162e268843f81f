/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Who asked a datagram socket lately. What goes back there is an answer, and no contact that the server makes: a name server
 * in a container talks to as many addresses and ports as it has clients. Kept in the socket's own storage.
 */
#ifndef RF_ASKERS_H
#define RF_ASKERS_H

#include "network.h"

/* Of one socket: as many as a server with some threads answers at a time. */
#define RF_ASKERS 16

struct rf_asker {
	__u64 address[2]; /* network order, IPv4 as ::ffff:a.b.c.d */
	__u64 port;	  /* host order; 0: nobody */
};

struct rf_askers {
	struct rf_asker asker[RF_ASKERS];
	__u64 count; /* so far: the next one takes the oldest one's place */
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct rf_askers);
} rf_askers_of SEC(".maps");

/* The place of who asked, RF_ASKERS if it has none. */
static __always_inline __u32 rf_asker_index(struct rf_askers *askers, struct rf_peer_key *key)
{
	for (__u32 i = 0; i < RF_ASKERS; i++) {
		struct rf_asker *asker = &askers->asker[i];

		if (asker->port == key->port && asker->address[1] == key->address[1] && asker->address[0] == key->address[0])
			return key->port ? i : RF_ASKERS;
	}
	return RF_ASKERS;
}

/* Notes that a socket has received a datagram from a peer. */
static __always_inline void rf_is_asked(struct bpf_sock_addr *context, struct rf_peer_key *key)
{
	struct rf_askers *askers;
	struct rf_asker *asker;
	__u32 place;

	if (!context->sk || rf_current_slot() == RF_NO_SLOT)
		return;
	askers = bpf_sk_storage_get(&rf_askers_of, context->sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!askers)
		return;
	/* Who asks all the time keeps a place: one that is about to be given away is taken again. */
	place = rf_asker_index(askers, key);
	if (place < RF_ASKERS && ((place - (__u32)askers->count) & (RF_ASKERS - 1)) >= RF_ASKERS / 2)
		return;
	asker = &askers->asker[rf_count(askers->count) % RF_ASKERS];
	*(volatile __u64 *)&asker->port = 0; /* nobody, while the address changes */
	*(volatile __u64 *)&asker->address[0] = key->address[0];
	*(volatile __u64 *)&asker->address[1] = key->address[1];
	*(volatile __u64 *)&asker->port = key->port;
}

/* Whether a datagram is an answer to one that the socket received. */
static __always_inline bool rf_is_answer(struct bpf_sock_addr *context, struct rf_peer_key *key)
{
	struct rf_askers *askers;

	if (!context->sk)
		return false;
	askers = bpf_sk_storage_get(&rf_askers_of, context->sk, NULL, 0);
	return askers && rf_asker_index(askers, key) < RF_ASKERS;
}

#endif
