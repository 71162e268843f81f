/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Network addresses, from the kernel's own copies: what a program changes in its memory after the call changes nothing
 * here, and calls made through io_uring come along. The hooks only look: they return 1, which lets the call go on.
 */
#include "askers.h"
#include "dns.h"

/* The address that a hook is about. */
static __always_inline void rf_read_peer(struct bpf_sock_addr *context, struct rf_peer_key *key, bool is_ipv6)
{
	key->protocol = context->protocol;
	key->port = bpf_ntohs(context->user_port);
	if (is_ipv6) {
		key->address[0] = (__u64)context->user_ip6[1] << 32 | context->user_ip6[0];
		key->address[1] = (__u64)context->user_ip6[3] << 32 | context->user_ip6[2];
	} else {
		rf_set_ipv4(key, context->user_ip4);
	}
}

static __always_inline void rf_address_used(struct bpf_sock_addr *context, struct rf_peer_key *key, bool is_ipv6)
{
	if (rf_is_idle())
		return;
	rf_read_peer(context, key, is_ipv6);
	rf_contact(key);
	rf_asks(context, key);
}

/* A datagram of a socket that is not connected. */
static __always_inline void rf_sends(struct bpf_sock_addr *context, bool is_ipv6)
{
	struct rf_peer_key key = {};

	if (rf_is_idle())
		return;
	key.kind = RF_PEER_SEND;
	rf_read_peer(context, &key, is_ipv6);
	if (rf_is_answer(context, &key))
		key.slot = rf_current_slot();
	else
		rf_contact(&key);
	rf_asks(context, &key);
}

/* The same in the other direction. */
static __always_inline void rf_receives(struct bpf_sock_addr *context, bool is_ipv6)
{
	struct rf_peer_key key = {};

	if (rf_is_idle() || context->protocol != RF_IPPROTO_UDP)
		return;
	rf_read_peer(context, &key, is_ipv6);
	rf_is_asked(context, &key);
}

/* A datagram socket that is connected to port 0 only asks for a route, as getaddrinfo(3) does: nothing is sent. */
static __always_inline void rf_connects(struct bpf_sock_addr *context, bool is_ipv6)
{
	struct rf_peer_key key = {};

	if (context->protocol == RF_IPPROTO_UDP && !context->user_port)
		return;
	key.kind = context->protocol == RF_IPPROTO_UDP ? RF_PEER_SEND : RF_PEER_CONNECT;
	rf_address_used(context, &key, is_ipv6);
}

SEC("cgroup/connect4")
int rf_connect4(struct bpf_sock_addr *context)
{
	rf_connects(context, false);
	return 1;
}

SEC("cgroup/connect6")
int rf_connect6(struct bpf_sock_addr *context)
{
	rf_connects(context, true);
	return 1;
}

SEC("cgroup/sendmsg4")
int rf_sendmsg4(struct bpf_sock_addr *context)
{
	rf_sends(context, false);
	return 1;
}

SEC("cgroup/sendmsg6")
int rf_sendmsg6(struct bpf_sock_addr *context)
{
	rf_sends(context, true);
	return 1;
}

SEC("cgroup/recvmsg4")
int rf_recvmsg4(struct bpf_sock_addr *context)
{
	rf_receives(context, false);
	return 1;
}

SEC("cgroup/recvmsg6")
int rf_recvmsg6(struct bpf_sock_addr *context)
{
	rf_receives(context, true);
	return 1;
}

/* A port that a datagram socket chose: whoever sends there is heard. */
static __always_inline void rf_binds(struct bpf_sock_addr *context, bool is_loopback)
{
	struct rf_peer_key key = {};

	key.kind = RF_PEER_LISTEN;
	if (rf_is_idle() || context->protocol != RF_IPPROTO_UDP || !context->user_port)
		return;
	key.protocol = RF_IPPROTO_UDP;
	key.port = bpf_ntohs(context->user_port);
	rf_set_listener(&key, is_loopback);
	rf_contact(&key);
}

SEC("cgroup/bind4")
int rf_bind4(struct bpf_sock_addr *context)
{
	rf_binds(context, RF_IS_LOOPBACK4(context->user_ip4));
	return 1;
}

SEC("cgroup/bind6")
int rf_bind6(struct bpf_sock_addr *context)
{
	rf_binds(context, rf_is_loopback6((__u64)context->user_ip6[1] << 32 | context->user_ip6[0],
					  (__u64)context->user_ip6[3] << 32 | context->user_ip6[2]));
	return 1;
}

/* A socket begins to listen, in the call that makes it. */
static __always_inline void rf_listens(struct sock *sk)
{
	struct rf_peer_key key = {};

	key.kind = RF_PEER_LISTEN;
	rf_listener_key(sk, &key);
	if (!(BPF_CORE_READ_BITFIELD_PROBED(sk, sk_userlocks) & RF_BINDPORT_LOCK))
		key.port = 0;
	rf_contact(&key);
}

/* What became of a connection. Packets decide it, so the current task can be any: the socket knows its cgroup. */
static __always_inline void rf_connection_ends_as(struct sock *sk, __u32 state)
{
	struct rf_peer_facts *peer = rf_peer_of(sk);
	int error = BPF_CORE_READ(sk, sk_err);

	if (!peer)
		return;
	if (state == RF_TCP_ESTABLISHED)
		rf_count(peer->established);
	else if (error == RF_ECONNREFUSED)
		rf_count(peer->refused);
	else if (error == RF_ETIMEDOUT)
		rf_count(peer->timed_out);
	else
		rf_count(peer->failed);
}

static __always_inline void rf_accepts(struct sock *sk)
{
	struct rf_peer_facts *listener = rf_listener_of(sk);

	if (listener)
		rf_count(listener->established);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(rf_sock_state, struct sock *sk, int before, int after)
{
	if (BPF_CORE_READ(sk, sk_protocol) != RF_IPPROTO_TCP || rf_is_idle())
		return 0;
	if (after == RF_TCP_LISTEN)
		rf_listens(sk);
	else if (before == RF_TCP_SYN_SENT && (after == RF_TCP_ESTABLISHED || after == RF_TCP_CLOSE))
		rf_connection_ends_as(sk, after);
	else if (before == RF_TCP_SYN_RECV && after == RF_TCP_ESTABLISHED)
		rf_accepts(sk);
	return 0;
}

/*
 * Unix sockets by name: the container engine's above all. Linux 6.7 has the hook, libbpf 1.1 does not know its name: user
 * space says what it is before it loads. The name is the kernel's copy of it.
 */
extern void *bpf_cast_to_kern_ctx(void *context) __ksym __weak;

SEC("cgroup/connect4")
int rf_connect_unix(struct bpf_sock_addr *context)
{
	struct bpf_sock_addr_kern *inner = bpf_cast_to_kern_ctx(context);
	struct rf_unix_key key = {};
	__u32 length;
	void *name;

	key.kind = RF_PEER_UNIX;
	key.slot = rf_is_idle() ? RF_NO_SLOT : rf_current_slot();
	length = BPF_CORE_READ(inner, uaddrlen) - sizeof(__u16); /* behind the family */
	if (key.slot == RF_NO_SLOT || length - 1 >= RF_UNIX_PATH)
		return 1;
	name = (void *)BPF_CORE_READ(inner, uaddr) + sizeof(__u16);
	/* A path ends with its first NUL, wherever the caller says; an abstract name is all of its bytes. */
	bpf_probe_read_kernel(key.name, 1, name);
	if (key.name[0])
		bpf_probe_read_kernel_str(key.name, sizeof(key.name), name);
	else
		bpf_probe_read_kernel(key.name, length <= RF_UNIX_PATH ? length : RF_UNIX_PATH, name);
	key.length = key.name[0] ? 0 : length;
	rf_unix_contact(&key);
	return 1;
}
