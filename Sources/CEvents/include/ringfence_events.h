/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * The layout that the kernel programs and user space share: slots (facts, written in place by the kernel) and records
 * (the story, sent through a ring). Everything is naturally aligned and has no implicit padding; the assertions at the
 * end hold on both sides. A change here changes RF_LAYOUT_VERSION. A later version reads what an earlier one left in its
 * maps by the names of members, which the maps' BTF holds: a member whose meaning changes gets another name.
 */
#ifndef RINGFENCE_EVENTS_H
#define RINGFENCE_EVENTS_H

#ifdef __bpf__
typedef __u8 rf_u8;
typedef __u16 rf_u16;
typedef __u32 rf_u32;
typedef __u64 rf_u64;
typedef __s64 rf_s64;
#else
#include <stddef.h>
#include <stdint.h>
typedef uint8_t rf_u8;
typedef uint16_t rf_u16;
typedef uint32_t rf_u32;
typedef uint64_t rf_u64;
typedef int64_t rf_s64;
#endif

#define RF_LAYOUT_VERSION 7

/* System call tables; the number alone is meaningless. */
#define RF_ABI_NATIVE 0
#define RF_ABI_COMPAT 1
#define RF_ABI_X32 2
#define RF_ABIS 3

/* Where in a container's life a call is made. The last three are the first three of an exec session. */
#define RF_PHASE_SETUP 0
#define RF_PHASE_FILTERED_SETUP 1
#define RF_PHASE_WORKLOAD 2
#define RF_PHASE_SESSION 3 /* added to the three above */
#define RF_PHASES 6

#define RF_CALL_WORDS 9 /* x32 numbers end at 547 */
#define RF_CALLS (RF_CALL_WORDS * 64)
#define RF_IO_WORDS 2 /* IORING_OP_LAST is 63 in Linux 6.18 */
#define RF_IO_OPS (RF_IO_WORDS * 64)

#define RF_ANCESTORS 8
#define RF_COMM 16
/*
 * A path is written backwards, so its text starts at path_offset and ends with a NUL in the last byte. It is the first
 * field of its struct and at least as many bytes follow it: the verifier then accepts a write of up to 255 bytes at any
 * offset up to 255, although no write goes past the path itself.
 */
#define RF_PATH 256
#define RF_VALUES 16
#define RF_ARGS 6

/* Indices that name no slot: the table is full, or the task is none of ours. */
#define RF_NO_SLOT 0xffffffffu
#define RF_OUT_OF_SCOPE 0xfffffffeu

/* Executables per cgroup before the rest share the cgroup's "other" sub-slot. */
#define RF_SUBSLOTS_PER_SLOT 512

/* Edges (who executed what) and credentials kept per cgroup before the rest is only counted. */
#define RF_EDGES_PER_SLOT 1024
#define RF_CREDENTIALS_PER_SLOT 64

/* Kinds of record; each has a token bucket and an account of its own in every slot. */
#define RF_KIND_EXEC 0
#define RF_KIND_FIRST_USE 1
#define RF_KIND_OUT_OF_RANGE 2
#define RF_KIND_DENIED 3
#define RF_KIND_JOIN 4
#define RF_KIND_CGROUP_MADE 5
#define RF_KIND_CGROUP_REMOVED 6
#define RF_KIND_IO_FIRST_USE 7
#define RF_KIND_DEVIATION 8    /* a call that the slot's policy does not allow */
#define RF_KIND_IO_DEVIATION 9 /* an io_uring operation that it does not allow */
#define RF_KIND_PEER 10        /* a first contact with a network peer, or a new listener */
#define RF_KIND_DNS 11         /* a query for a name or the answer to one; see RF_DNS_HALF */
#define RF_KINDS 12

/* Phases that a policy judges, as an index into its tables; set-up is never judged. */
#define RF_JUDGED_WORKLOAD 0
#define RF_JUDGED_SESSION 1
#define RF_JUDGED 2

/* The policy of what is not watched, as in rf_slot.policy: a cgroup below does not inherit it. */
#define RF_POLICY_UNWATCHED 2

/* What a container does with a network address. */
#define RF_PEER_CONNECT 0 /* a stream: TCP, SCTP, MPTCP */
#define RF_PEER_SEND 1    /* datagrams, by a connected socket or not */
#define RF_PEER_LISTEN 2  /* waits for connections, or receives datagrams at a port that it chose */
#define RF_PEER_UNIX 3    /* connects to a unix socket */
#define RF_PEER_SESSION 0x80 /* added where an exec session or set-up does it */

/* Peers kept per cgroup before the rest is only counted. */
#define RF_PEERS_PER_SLOT 1024
/*
 * A record of RF_KIND_DNS has the first bytes of the message where other kinds have the path, and the next ones where they
 * have the ancestors. `number` is how many the message has; args: two words of the resolver's address, the container's own
 * port, RF_DNS_*; `tgid` is the process that asked.
 */
#define RF_DNS_HALF 256
#define RF_DNS_ANSWER 1u   /* not a query */
#define RF_DNS_LOOPBACK 2u /* the packet came or went through the loopback interface */
#define RF_UNIX_PATH 108 /* unix(7) */
#define RF_CGROUP_UNIX_CONNECT 49 /* enum bpf_attach_type, Linux 6.7; older headers lack it */

/* Stands for io_uring operations where a key has an ABI. */
#define RF_ABI_IO 3

/* Scalar arguments whose values are kept. */
#define RF_ARG_SOCKET_FAMILY 0
#define RF_ARG_CLONE_FLAGS 1
#define RF_ARG_KINDS 2

/* Scalar arguments whose values recordings keep, beside those. */
#define RF_OPTION_IOCTL 0 /* the request */
#define RF_OPTION_PERSONALITY 1
#define RF_OPTION_PRCTL 2 /* the option */

/* States of a slot or sub-slot. */
#define RF_FREE 0
#define RF_CLAIMED 1
#define RF_READY 2

/* rf_slot.flags */
#define RF_SLOT_NAMESPACED 1u   /* a workload task lives in a pid or mount namespace other than the host's */
#define RF_SLOT_LATE 2u         /* had tasks when the capture began: earlier facts are unknown */
#define RF_SLOT_REMOVED 4u      /* the cgroup was removed */
#define RF_SLOT_NO_STORAGE 8u   /* a task's state could not be kept: phases may be wrong */
#define RF_SLOT_SUBS_FULL 16u   /* more executables than sub-slots: the rest are in "other" */
#define RF_SLOT_COUNTS_FULL 32u /* no count page was free: some counts are missing */
#define RF_SLOT_SOCKETCALL 64u  /* socketcall(2) was used: its socket families are behind a user pointer */
#define RF_SLOT_OPTIONS_FULL 256u /* values of arguments found no place */
#define RF_SLOT_PROFILED 128u   /* written by user space: a profile has counted this start of its container */

/* rf_sub.flags */
#define RF_SUB_PATH_CUT 1u /* the path did not fit: its last part is kept */
#define RF_SUB_OTHER 2u    /* stands for every executable beyond the bound */
#define RF_SUB_DELETED 4u  /* the file had no name any more when it was executed (a memfd, an unlinked file) */

#define RF_SCRIPT_CUT 8u   /* of a record: of the script's name the first part is kept */

/* rf_sub.attention: what the program does beyond keeping facts; 0 is the fast path. */
#define RF_ATTEND_DEVIANT 1u  /* it made a call that the policy does not allow: its calls are tested one by one */
#define RF_ATTEND_TRACED 2u   /* every call is sent through the bulk ring */
#define RF_ATTEND_EXPECTED 4u /* user space knows this executable: its execs are not reported, but for sessions' */
#define RF_ATTEND_RAN 8u      /* the workload executed it: a fact, which holds where the record of it was held back */
#define RF_ATTEND_TOLD 16u    /* user space has told of that */

/* rf_slot.mode, written by user space, inherited by cgroups below. */
#define RF_MODE_TRACED 1u

/* Where a task is, kept in its task storage. */
struct rf_task {
	rf_u64 cgroup; /* address of its struct cgroup, to notice migration; never dereferenced */
	rf_u64 cgroup_id; /* of its slot's cgroup: the slot may be another's by the time it is looked at */
	rf_u64 joined; /* the cgroup whose instances or sessions it was counted in, so that a join counts once */
	rf_u64 calls;  /* calls not yet added to the slot */
	rf_u32 slot;
	rf_u32 sub;
	rf_u16 filters_at_join;
	rf_u8 attached; /* another process moved it here, as container runtimes do with what becomes the container */
	rf_u8 phase;
	rf_u8 entered;   /* between sys_enter and sys_exit */
	rf_u8 skip_exit; /* its next sys_exit has no sys_enter */
	rf_u16 filters_at_exec; /* or, if it executed nothing, when it was first seen; kept in recordings */
	rf_u32 counted; /* part of live_workload of its slot's root; changed by exchange: hooks of a task can overlap */
	rf_u32 reserved_too;
};

/* Distinct values: each kept as value + 1, 0 is an empty place. */
struct rf_values {
	rf_u64 value[RF_VALUES];
	rf_u64 overflow;
};

/* What an executable calls under seccomp filters that it has loaded itself. Kept in recordings, by the sub-slot's index. */
struct rf_steady {
	rf_u64 calls[RF_JUDGED][RF_ABIS][RF_CALL_WORDS];
};

/* Whose values an entry of rf_options holds. */
struct rf_option_key {
	rf_u32 slot;
	rf_u16 kind; /* RF_OPTION_* */
	rf_u16 phase;
};

/* produced == delivered + suppressed + dropped, exactly, at rest. */
struct rf_account {
	rf_u64 produced;
	rf_u64 delivered;
	rf_u64 suppressed;
	rf_u64 dropped;
};

struct rf_bucket {
	rf_u64 window_start_ns;
	rf_u64 used;
};

/*
 * What a profile allows, as flat bitmaps: the kernel programs and the judge in user space test the same table. Written by
 * user space before its index is published in rf_slot.policy, and never while a slot has it.
 */
struct rf_policy {
	rf_u64 calls[RF_JUDGED][RF_ABIS][RF_CALL_WORDS];
	rf_u64 io_ops[RF_JUDGED][RF_IO_WORDS];
	rf_u64 families[RF_JUDGED];    /* socket families below 64 that may be used; others may not */
	rf_u64 clone_flags[RF_JUDGED]; /* flags of clone(2) that may not be used */
	rf_u64 serial;                 /* counts the tables published since the map was made */
	rf_u32 profile; /* user space's number for the profile that it was made of */
	rf_u32 reserved;
};

/* A call that was made although the policy does not allow it. */
struct rf_deviation_key {
	rf_u32 sub;
	rf_u32 number;
	rf_u16 abi; /* RF_ABI_IO for an io_uring operation */
	rf_u16 judged;
	rf_u32 detail; /* RF_DETAIL_*: 0 where the call itself is not allowed */
};

/* What of an allowed call is not allowed. */
#define RF_DETAIL_FLAGS 1u    /* flags of clone(2) */
#define RF_DETAIL_ENTERED 2u  /* executed in the container's mount namespace, in a cgroup that is not the container's */
#define RF_DETAIL_EDGE 4u     /* of RF_KIND_EXEC: the first time that this executable was executed by that one */
#define RF_DETAIL_CREDENTIALS 8u /* of RF_KIND_EXEC: credentials that the cgroup did not have before */
#define RF_DETAIL_UNCHANGED 16u  /* and nothing was executed: a process has changed them by itself */
#define RF_DETAIL_FAMILY 256u /* plus the socket family, at most 255 */

struct rf_deviation {
	rf_u64 count;
	rf_u64 first_ns; /* CLOCK_BOOTTIME */
	rf_u64 sent_ns;  /* when a record was last sent for it; at most one a second */
};

#define RF_DEVIATION_PAUSE_NS 1000000000ull

/*
 * One peer of a cgroup, or one port that it listens at. Addresses are in network order, IPv4 as ::ffff:a.b.c.d. A
 * listener's address is the loopback address or ::, for any other; its port is 0 if the kernel chose it.
 */
struct rf_peer_key {
	rf_u64 address[2];
	rf_u32 slot;
	rf_u16 port; /* host order */
	rf_u8 kind;  /* RF_PEER_*, and RF_PEER_SESSION */
	rf_u8 protocol; /* IPPROTO_* */
};

/* A unix socket that a cgroup connects to. Abstract names begin with a NUL. */
struct rf_unix_key {
	rf_u32 slot;
	rf_u16 kind;
	rf_u16 length; /* of the name */
	char name[RF_UNIX_PATH];
};

/* How often, and what became of it where the kernel tells. */
struct rf_peer_facts {
	rf_u64 count; /* attempts; of a listener: how often it began to listen */
	rf_u64 first_ns; /* CLOCK_BOOTTIME */
	rf_u64 last_ns;	    /* to the kernel's tick (1 to 10 ms) */
	rf_u64 established; /* of a listener: connections that were accepted */
	rf_u64 refused;
	rf_u64 timed_out;
	rf_u32 failed; /* otherwise */
	rf_u32 tick;   /* the low half of jiffies at last_ns */
	rf_u32 sub; /* the executable that did it first */
	rf_u32 pid;
};

/* An executable that another one has executed: who made the call of execve(2), which a shell's child does for the shell. */
struct rf_edge_key {
	rf_u32 slot;
	rf_u32 parent; /* sub-slot of what the process ran before */
	rf_u32 child;  /* and of what it runs from then on */
	rf_u32 judged; /* RF_JUDGED_*; of set-up nothing is kept */
};

struct rf_edge {
	rf_u64 count;
	rf_u64 first_ns; /* CLOCK_BOOTTIME */
	rf_u64 last_ns;
	rf_u32 pid; /* of the first */
	rf_u32 reserved;
};

/* What a process may do, by its own credentials (task_struct.real_cred). */
struct rf_credential_key {
	rf_u64 effective; /* capabilities(7), one bit each, in its user namespace */
	rf_u32 slot;
	rf_u32 uid;   /* effective; as its user namespace numbers it, 65534 if it has no number there */
	rf_u32 level; /* of its user namespace: 0 is the initial one */
	rf_u32 judged; /* RF_JUDGED_* */
};

struct rf_credential {
	rf_u64 count;    /* how often a process was seen with them: not how many */
	rf_u64 first_ns; /* CLOCK_BOOTTIME */
	rf_u64 last_ns;
	rf_u32 sub; /* the executable that had them first */
	rf_u32 pid;
};

/* One cgroup. */
struct rf_slot {
	char path[RF_PATH]; /* below the hierarchy's root; its last part if it does not fit; see RF_PATH */
	rf_u64 cgroup_id;
	rf_u64 first_seen_ns; /* CLOCK_BOOTTIME */
	rf_u64 calls;         /* in steps of RF_CALL_STEP while a task runs, exact when it has exited */
	rf_u64 forks;
	rf_u64 execs;
	rf_u64 exits;
	rf_u64 out_of_range;
	rf_u32 state;
	rf_u32 flags;
	rf_u32 root; /* the slot of the container this cgroup is part of; itself if it is one */
	rf_u32 level;
	rf_u32 subs;
	rf_u32 other_sub;
	rf_u32 instances;
	rf_u32 sessions;
	rf_s64 live_workload; /* tasks, threads included, of the whole container; meaningful in a root */
	rf_s64 live_here;     /* those in this very cgroup */
	struct rf_account account[RF_KINDS];
	struct rf_bucket bucket[RF_KINDS];
	struct rf_values args[RF_PHASES][RF_ARG_KINDS];
	struct rf_values odd_numbers; /* abi in the upper half, number in the lower */
	struct rf_account traced; /* calls of the full trace */
	struct rf_account booked; /* of all kinds: what profiles have counted of it; written by user space */
	rf_u32 path_offset;
	rf_u32 path_cut;
	rf_u32 policy; /* index + 1 of what is allowed; 0: nothing is judged */
	rf_u32 mode;   /* RF_MODE_*; read in the root's slot only */
	rf_u32 peers;  /* entries of rf_peers and rf_unix_peers that are this slot's */
	rf_u32 reserved;
	rf_u64 lost_peers; /* contacts with peers that found no place */
	rf_u64 epoch_ns; /* CLOCK_BOOTTIME: user space has saved and taken out what was kept until then; 0: nothing yet */
	rf_u64 capabilities_used[RF_JUDGED]; /* one bit each: a check of it said yes */
	rf_u32 edges;                        /* entries of rf_edges that are this slot's */
	rf_u32 credentials;                  /* and of rf_credentials */
	rf_u32 lost_edges;                   /* executions of which is not kept who did it */
	rf_u32 lost_credentials;             /* sights of credentials that found no place */
};

#define RF_CALL_STEP 1024

/* One executable in one cgroup. */
struct rf_sub {
	char path[RF_PATH]; /* inside the task's root directory; see RF_PATH */
	rf_u64 calls[RF_PHASES][RF_ABIS][RF_CALL_WORDS];
	rf_u64 io_ops[RF_PHASES][RF_IO_WORDS];
	rf_u64 device; /* s_dev of the file's super block */
	rf_u64 inode;
	rf_u64 first_seen_ns; /* CLOCK_BOOTTIME */
	rf_u32 state;
	rf_u32 flags;
	rf_u32 slot;
	rf_u32 path_offset;
	rf_u32 count_page[RF_PHASES][RF_ABIS]; /* page + 1; 0: none yet */
	rf_u32 attention;  /* RF_ATTEND_* */
	rf_u32 generation; /* of its key */
};

/* Calls counted one by one, for one sub-slot, phase and ABI. */
struct rf_count_page {
	rf_u64 calls[RF_CALLS];
};

/* One executable in a cgroup, as a key. */
struct rf_sub_key {
	rf_u64 device;
	rf_u64 inode;
	rf_u32 slot;
	rf_u32 generation; /* numbers of deleted files are given out again */
};

/* A call that a seccomp filter answered. */
struct rf_denied_key {
	rf_u32 sub;
	rf_u16 abi;
	rf_u16 phase;
	rf_u32 number;
	rf_u32 error; /* errno, positive */
};

struct rf_denied {
	rf_u64 count;
	rf_u32 pid;
	rf_u32 reserved;
	char comm[RF_COMM];
};

/* One cgroup where only the fallback program runs: a byte a fact. */
struct rf_bytes {
	rf_u64 out_of_range;
	rf_u8 seen[RF_ABIS][RF_CALLS];
};

/* The one element of the control map. */
struct rf_control {
	rf_u64 layout;
	rf_u64 capture_start_ns; /* CLOCK_BOOTTIME; tasks started before are older than the capture */
	rf_u64 slots_used;
	rf_u64 subs_used; /* beyond the first max_slots, which are the slots' own "other" */
	rf_u64 pages_used;
	rf_u64 lost_cgroups;     /* tasks whose cgroup got no slot: their facts are lost */
	rf_u64 lost_executables; /* executables that share an "other" sub-slot */
	rf_u64 lost_tasks;       /* task storage could not be made */
	rf_u64 lost_denials;     /* the table of denied calls was full */
	rf_u64 lost_deviations;  /* the table of deviations was full: their counts are not kept, their records are sent */
	rf_u64 left_target;      /* tasks that moved out of the recorded cgroup: what they did there is not recorded */
	struct rf_account account; /* records that belong to no slot */
	struct rf_bucket bucket;   /* and their budget */
	rf_u32 default_policy;     /* what a new slot's `policy` is, written by user space: nobody is unjudged until named */
	rf_u32 generation;         /* in which the programs of this set work */
	rf_u64 outsiders;          /* threads put into rf_outsiders and not taken out; the table may have dropped some */
};

/* Knobs, constant while a program is loaded; the kernel drops the branches they switch off. */
#define RF_SCOPE_ALL 0
#define RF_SCOPE_CGROUP 1
#define RF_SCOPE_PROCESS 2

struct rf_knobs {
	rf_u64 target_cgroup;  /* with RF_SCOPE_CGROUP: the id that a task's cgroup, or one above it, must have */
	rf_u64 generation;     /* the program works while rf_generation holds this */
	rf_u32 target_process; /* with RF_SCOPE_PROCESS: a thread group of the initial pid namespace */
	rf_u32 scope;
	rf_u32 max_slots;
	rf_u32 max_subs;
	rf_u32 max_count_pages;
	rf_u32 count_calls;
	rf_u32 watch_exit;
	rf_u32 watch_network; /* the address hooks are attached: who is in a session must be findable */
	rf_s64 legacy_controller; /* index in css_set.subsys on v1-only hosts; -1: the default hierarchy */
	rf_u64 host_mount_ns;
	rf_u64 host_pid_ns;
	rf_u64 budget[RF_KINDS]; /* records of a kind per slot and second */
	rf_u32 watch_names; /* DNS messages of watched cgroups are read */
	rf_u32 keep_options; /* rf_options is filled */
	rf_u32 keep_steady;  /* rf_steady is filled */
	rf_u32 reserved;
};

struct rf_ancestor {
	rf_u64 start_ns; /* CLOCK_BOOTTIME */
	rf_u32 pid;
	rf_u32 reserved;
	char comm[RF_COMM];
};

/*
 * One record of any kind. Fields that a kind does not use are 0. A path is written towards the front and ancestors are
 * added at the end, so that what is used is in one piece: from path_offset to the last ancestor.
 */
struct rf_record {
	char path[RF_PATH]; /* the executable, or the cgroup for RF_KIND_CGROUP_*; see RF_PATH */
	rf_u64 time_ns; /* CLOCK_BOOTTIME */
	rf_u64 cgroup_id;
	rf_u32 kind;
	rf_u32 slot;
	rf_u32 sub;
	rf_u32 phase;
	rf_u32 abi;
	rf_u32 pid; /* thread id, initial pid namespace */
	rf_u32 tgid;
	rf_u32 uid;
	rf_u64 start_ns;
	rf_s64 number; /* system call or io_uring operation */
	rf_s64 result; /* negative errno of a denied call */
	/*
	 * RF_KIND_JOIN and _EXEC: args[0] is the cgroup come from, or still in; 0: none is known. RF_KIND_EXEC: args[1] is the
	 * sub-slot of who executed it + 1, 0 if that was set-up; with RF_DETAIL_CREDENTIALS args[2] to args[4] are the uid, the
	 * capabilities and the level of rf_credential_key.
	 */
	rf_u64 args[RF_ARGS];
	rf_u64 device;
	rf_u64 inode;
	char comm[RF_COMM];
	rf_u64 count;       /* of a deviation: how often so far, this one included; 0 if its table is full */
	rf_u32 policy;      /* index + 1 of the policy at that moment; 0: none */
	rf_u32 detail;      /* RF_DETAIL_* of a deviation, RF_DETAIL_ENTERED */
	rf_u32 path_offset; /* below RF_PATH; where what is used of the record begins */
	rf_u32 path_flags;  /* RF_SUB_PATH_CUT, RF_SUB_DELETED, RF_SCRIPT_CUT */
	rf_u32 ancestor_count; /* at most RF_ANCESTORS */
	rf_u32 path_skip; /* RF_KIND_EXEC of an interpreter: the script's name is at path_offset, the path so much behind it */
	struct rf_ancestor ancestors[RF_ANCESTORS]; /* nearest first */
};

/* Value of rf_namespaces: the slot whose workload was the first in a mount namespace, while it is that cgroup's. */
struct rf_namespace_owner {
	rf_u64 cgroup_id;
	rf_u32 slot;
	rf_u32 reserved;
};

/* One call of the full trace. */
struct rf_call {
	rf_u64 time_ns; /* CLOCK_BOOTTIME */
	rf_u64 cgroup_id;
	rf_u64 start_ns; /* of the process */
	rf_s64 number;
	rf_u64 args[RF_ARGS];
	rf_u32 slot;
	rf_u32 sub;
	rf_u32 pid; /* thread id, initial pid namespace */
	rf_u32 tgid;
	rf_u32 policy; /* index + 1; 0: none */
	rf_u8 abi;
	rf_u8 phase;
	rf_u8 allowed; /* the kernel's own verdict; 1 where nothing is judged */
	rf_u8 reserved;
	char comm[RF_COMM];
};

_Static_assert(sizeof(struct rf_task) == 56, "rf_task");
_Static_assert(sizeof(struct rf_values) == 136, "rf_values");
_Static_assert(sizeof(struct rf_slot) == 2840, "rf_slot");
_Static_assert(sizeof(struct rf_sub) == 1768, "rf_sub");
_Static_assert(sizeof(struct rf_sub_key) == 24, "rf_sub_key");
_Static_assert(sizeof(struct rf_denied_key) == 16, "rf_denied_key");
_Static_assert(sizeof(struct rf_denied) == 32, "rf_denied");
_Static_assert(sizeof(struct rf_record) == 696, "rf_record");
_Static_assert(RF_PATH == RF_DNS_HALF && RF_ANCESTORS * sizeof(struct rf_ancestor) == RF_DNS_HALF, "RF_DNS_HALF");
_Static_assert(sizeof(struct rf_control) == 152, "rf_control");
_Static_assert(sizeof(struct rf_knobs) == 184, "rf_knobs");
_Static_assert(sizeof(struct rf_steady) == 432, "rf_steady");
_Static_assert(sizeof(struct rf_policy) == 512, "rf_policy");
_Static_assert(sizeof(struct rf_deviation_key) == 16, "rf_deviation_key");
_Static_assert(sizeof(struct rf_call) == 120, "rf_call");
_Static_assert(sizeof(struct rf_peer_key) == 24, "rf_peer_key");
_Static_assert(sizeof(struct rf_unix_key) == 116, "rf_unix_key");
_Static_assert(sizeof(struct rf_peer_facts) == 64, "rf_peer_facts");
_Static_assert(sizeof(struct rf_option_key) == 8, "rf_option_key");
_Static_assert(sizeof(struct rf_edge_key) == 16, "rf_edge_key");
_Static_assert(sizeof(struct rf_edge) == 32, "rf_edge");
_Static_assert(sizeof(struct rf_credential_key) == 24, "rf_credential_key");
_Static_assert(sizeof(struct rf_credential) == 32, "rf_credential");

#endif
