/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The parts of kernel types that the programs read. Offsets are those of the running kernel: every access is relocated
 * at load time (CO-RE), so only names and types matter here. No vmlinux.h is needed.
 */
#ifndef RF_KERNEL_H
#define RF_KERNEL_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define RF_CO_RE __attribute__((preserve_access_index))

struct ns_common {
	__u32 inum;
	__u64 ns_id; /* Linux 6.18 and later */
} RF_CO_RE;

struct mnt_namespace {
	struct ns_common ns;
	__u64 seq; /* until Linux 6.17 */
} RF_CO_RE;

struct pid_namespace {
	struct ns_common ns;
} RF_CO_RE;

struct nsproxy {
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
} RF_CO_RE;

struct kernfs_node {
	struct kernfs_node *__parent; /* Linux 6.15 and later */
	const char *name;
	__u64 id;
} RF_CO_RE;

struct kernfs_node___before_6_15 {
	struct kernfs_node *parent;
} RF_CO_RE;

struct cgroup_root {
	int hierarchy_id;
} RF_CO_RE;

struct cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
} RF_CO_RE;

struct cgroup {
	struct cgroup_subsys_state self;
	int level;
	struct kernfs_node *kn;
	struct cgroup_root *root;
} RF_CO_RE;

struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
} RF_CO_RE;

struct qstr {
	__u32 len;
	const unsigned char *name;
} RF_CO_RE;

struct super_block {
	__u32 s_dev;
} RF_CO_RE;

struct inode {
	struct super_block *i_sb;
	unsigned long i_ino;
	unsigned int i_nlink;
	__u32 i_generation;
	long long i_size;
} RF_CO_RE;

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
} RF_CO_RE;

struct vfsmount {
	struct dentry *mnt_root;
} RF_CO_RE;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
} RF_CO_RE;

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} RF_CO_RE;

struct file {
	struct path f_path;
	struct inode *f_inode;
} RF_CO_RE;

struct fs_struct {
	struct path root;
} RF_CO_RE;

struct mm_struct {
	struct file *exe_file;
} RF_CO_RE;

struct linux_binprm {
	struct file *file;
	const char *filename;
	const char *interp;
} RF_CO_RE;

struct uid_gid_extent {
	__u32 first;
	__u32 lower_first;
	__u32 count;
} RF_CO_RE;

struct uid_gid_map {
	struct uid_gid_extent extent[5];
	__u32 nr_extents;
} RF_CO_RE;

struct user_namespace {
	struct uid_gid_map uid_map;
	int level;
} RF_CO_RE;

typedef struct {
	__u32 val;
} kuid_t;

/* Two words of 32 bits before Linux 6.3: the same bytes. */
typedef struct {
	__u64 val;
} kernel_cap_t;

struct cred {
	kuid_t euid;
	kernel_cap_t cap_effective;
	struct user_namespace *user_ns;
} RF_CO_RE;

typedef struct {
	int counter;
} atomic_t;

struct seccomp {
	int mode;
	atomic_t filter_count;
} RF_CO_RE;

struct thread_info {
	unsigned long flags;
	__u32 status;
} RF_CO_RE;

struct task_struct {
	struct thread_info thread_info;
	struct mm_struct *mm;
	unsigned int flags;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	__u64 start_boottime;
	struct cred *real_cred;
	char comm[16];
	struct fs_struct *fs;
	struct nsproxy *nsproxy;
	struct seccomp seccomp;
	struct css_set *cgroups;
} RF_CO_RE;

struct sock_common {
	unsigned short skc_family;
	__u16 skc_num;
	__u16 skc_dport;
	__u32 skc_daddr;
	__u32 skc_rcv_saddr;
	struct {
		__u64 words[2];
	} skc_v6_daddr;
	struct {
		__u64 words[2];
	} skc_v6_rcv_saddr;
} RF_CO_RE;

struct sock_cgroup_data {
	struct cgroup *cgroup;
} RF_CO_RE;

struct sock {
	struct sock_common __sk_common;
	unsigned char sk_userlocks : 4;
	__u16 sk_protocol;
	int sk_err;
	struct sock_cgroup_data sk_cgrp_data;
} RF_CO_RE;

struct bpf_sock_addr_kern {
	void *uaddr;
	__u32 uaddrlen;
} RF_CO_RE;

struct io_kiocb {
	__u8 opcode;
} RF_CO_RE;

struct bpf_iter_meta;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} RF_CO_RE;

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long di;
	unsigned long si;
	unsigned long dx;
	unsigned long r10;
	unsigned long r8;
	unsigned long r9;
	unsigned long bx;
	unsigned long cx;
	unsigned long bp;
	unsigned long orig_ax;
} RF_CO_RE;
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs;
struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;
	int syscallno;
} RF_CO_RE;
#else
#error "no system call conventions for this architecture"
#endif

#endif
