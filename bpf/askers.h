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

static __always_inline bool rf_has_asked(struct rf_askers *askers, struct rf_peer_key *key)
{
	for (int i = 0; i < RF_ASKERS; i++) {
		struct rf_asker *asker = &askers->asker[i];

		if (asker->port == key->port && asker->address[1] == key->address[1] && asker->address[0] == key->address[0])
			return key->port != 0;
	}
	return false;
}

/* Notes that a socket has received a datagram from a peer. */
static __always_inline void rf_is_asked(struct bpf_sock_addr *context, struct rf_peer_key *key)
{
	struct rf_askers *askers;
	struct rf_asker *asker;

	if (!context->sk || rf_current_slot() == RF_NO_SLOT)
		return;
	askers = bpf_sk_storage_get(&rf_askers_of, context->sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!askers || rf_has_asked(askers, key))
		return;
	asker = &askers->asker[rf_count(askers->count) % RF_ASKERS];
	asker->port = 0; /* nobody, while the address changes */
	asker->address[0] = key->address[0];
	asker->address[1] = key->address[1];
	asker->port = key->port;
}

/* Whether a datagram is an answer to one that the socket received. */
static __always_inline bool rf_is_answer(struct bpf_sock_addr *context, struct rf_peer_key *key)
{
	struct rf_askers *askers;

	if (!context->sk)
		return false;
	askers = bpf_sk_storage_get(&rf_askers_of, context->sk, NULL, 0);
	return askers && rf_has_asked(askers, key);
}

#endif
