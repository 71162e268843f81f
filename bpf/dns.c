/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * DNS over UDP of watched cgroups: what a socket that asks a resolver sends, and what comes back from that resolver. Every
 * packet of the host passes here, so what is no datagram is let go first, and then what is of another socket. The programs
 * only look: they return 1, which lets the packet go on.
 */
#include "dns.h"

#define RF_ETH_IPV4 0x0800
#define RF_ETH_IPV6 0x86dd
#define RF_LOOPBACK_DEVICE 1 /* in every network namespace (LOOPBACK_IFINDEX) */
#define RF_UDP_HEADER 8
#define RF_DNS_HEADER 12

/*
 * Where the datagram of a packet begins; 0 if it has none, or if it can be no answer where one is looked for. A packet begins
 * with its IP header here.
 */
static __always_inline __u32 rf_datagram_at(struct __sk_buff *packet, bool is_answer)
{
	__u8 *bytes = (void *)(long)packet->data;
	__u8 *end = (void *)(long)packet->data_end;
	__u8 *ports;
	__u32 at;

	if (packet->protocol == bpf_htons(RF_ETH_IPV4)) {
		if (bytes + 20 > end || bytes[9] != RF_IPPROTO_UDP)
			return 0;
		at = (bytes[0] & 15) * 4;
	} else if (packet->protocol == bpf_htons(RF_ETH_IPV6)) {
		if (bytes + 40 > end || bytes[6] != RF_IPPROTO_UDP)
			return 0;
		at = 40;
	} else {
		return 0;
	}
	ports = bytes + at;
	if (is_answer && ports + 2 <= end && *(__u16 *)ports != bpf_htons(RF_DNS_PORT))
		return 0;
	return at;
}

/* The address at the other end of a packet. */
static __always_inline bool rf_far_address(struct __sk_buff *packet, bool is_answer, __u64 address[2])
{
	__u32 four = 0;

	if (packet->protocol == bpf_htons(RF_ETH_IPV6))
		return bpf_skb_load_bytes(packet, is_answer ? 8 : 24, address, 2 * sizeof(__u64)) == 0;
	if (bpf_skb_load_bytes(packet, is_answer ? 12 : 16, &four, sizeof(four)))
		return false;
	address[0] = 0;
	address[1] = RF_MAPPED | (__u64)four << 32;
	return true;
}

/* Copies 1 to RF_DNS_HALF bytes, bounded in a way that the verifier of Linux 6.1 follows. */
static __always_inline void rf_copy_half(struct __sk_buff *packet, __u32 offset, void *half, __u32 length)
{
	barrier_var(length);
	bpf_skb_load_bytes(packet, offset, half, ((length - 1) & (RF_DNS_HALF - 1)) + 1);
}

/* Sends `length` bytes of a message, at `offset` of the packet, as far as a record has room: see RF_KIND_DNS. */
static __always_inline void rf_send_message(struct __sk_buff *packet, __u32 offset, __u32 length, bool is_answer,
					    struct rf_dns_socket *socket, __u32 index, __u32 port)
{
	__u32 head = length <= RF_DNS_HALF ? length : RF_DNS_HALF;
	__u32 rest = length - head <= RF_DNS_HALF ? length - head : RF_DNS_HALF;
	struct rf_slot *slot = rf_slot_at(socket->slot);
	struct rf_record *record;

	/* The slot can be another cgroup's by now. */
	if (!slot || slot->cgroup_id != socket->cgroup_id || !rf_reads_names(slot))
		return;
	if (!rf_may_send(slot, RF_KIND_DNS))
		return;
	record = bpf_ringbuf_reserve(&rf_priority, sizeof(*record), 0);
	if (!record) {
		rf_book_sent(slot, RF_KIND_DNS, false);
		return;
	}
	rf_book_sent(slot, RF_KIND_DNS, true);
	__builtin_memset(record, 0, sizeof(*record));
	record->kind = RF_KIND_DNS;
	record->time_ns = bpf_ktime_get_boot_ns();
	record->cgroup_id = socket->cgroup_id;
	record->slot = socket->slot;
	record->sub = RF_NO_SLOT;
	record->tgid = socket->process;
	record->number = length;
	index %= RF_DNS_RESOLVERS;
	record->args[0] = socket->resolvers[index][0];
	record->args[1] = socket->resolvers[index][1];
	record->args[2] = port;
	record->args[3] = (is_answer ? RF_DNS_ANSWER : 0) | (packet->ifindex == RF_LOOPBACK_DEVICE ? RF_DNS_LOOPBACK : 0);
	record->ancestor_count = rest ? RF_ANCESTORS : 0;
	rf_copy_half(packet, offset, record->path, head);
	if (rest)
		rf_copy_half(packet, offset + RF_DNS_HALF, record->ancestors, rest);
	bpf_ringbuf_submit(record, 0);
}

static __always_inline void rf_reads(struct __sk_buff *packet, __u32 at, bool is_answer)
{
	struct rf_dns_socket *asking;
	struct bpf_sock *socket = packet->sk;
	__u16 header[4] = {}; /* source, destination, length, checksum */
	__u64 address[2] = {};
	__u32 index, length;

	if (!socket || rf_is_idle())
		return;
	asking = bpf_sk_storage_get(&rf_dns_sockets, socket, NULL, 0);
	if (!asking)
		return;
	socket = bpf_sk_fullsock(socket);
	if (!socket || bpf_skb_load_bytes(packet, at, header, sizeof(header)) || !rf_far_address(packet, is_answer, address))
		return;
	index = rf_resolver_index(asking, address[0], address[1]);
	if (header[is_answer ? 0 : 1] != bpf_htons(RF_DNS_PORT) || index == RF_DNS_RESOLVERS) {
		/* A query whose destination was translated is to whom the hook saw last; an answer is translated back by now. */
		if (is_answer)
			return;
		index = asking->last;
	}
	length = bpf_ntohs(header[2]);
	if (length < RF_UDP_HEADER + RF_DNS_HEADER || packet->len < at + length)
		return;
	rf_send_message(packet, at + RF_UDP_HEADER, length - RF_UDP_HEADER, is_answer, asking, index, socket->src_port);
}

SEC("cgroup_skb/egress")
int rf_dns_query(struct __sk_buff *packet)
{
	__u32 at = rf_datagram_at(packet, false);

	if (at)
		rf_reads(packet, at, false);
	return 1;
}

SEC("cgroup_skb/ingress")
int rf_dns_answer(struct __sk_buff *packet)
{
	__u32 at = rf_datagram_at(packet, true);

	if (at)
		rf_reads(packet, at, true);
	return 1;
}
