/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Paths from kernel objects. bpf_d_path is refused in tracepoint programs, so dentries and mounts are walked here,
 * bounded. Text is written backwards from the end of an area of RF_PATH bytes; the caller's area is the first field of
 * a struct with at least RF_PATH more bytes (see RF_PATH), which is what makes the masked writes acceptable.
 */
#ifndef RF_PATHS_H
#define RF_PATHS_H

#include "maps.h"

#define RF_PATH_STEPS 24
#define RF_CGROUP_STEPS 16
#define RF_CGROUP_NAME 128

/* A path field and the bytes after it; see RF_PATH. */
struct rf_path_area {
	char text[2 * RF_PATH];
};

/* What the writers return: where the text starts, and RF_SUB_PATH_CUT or RF_SUB_DELETED above it. */
#define RF_PATH_END(offset, flags) ((int)((offset) | (flags) << 16))
#define RF_PATH_OFFSET(end) ((__u32)(end) & (RF_PATH - 1))
#define RF_PATH_FLAGS(end) ((__u32)(end) >> 16)

/* A number that the verifier does not know, so that the first round of a loop looks to it like every other. */
static __always_inline __u32 rf_unknown(__u32 number)
{
	__u32 copy = 0;

	bpf_probe_read_kernel(&copy, sizeof(copy), &number);
	return copy & (RF_PATH - 1);
}

/* Prepends one component and its slash. Returns false when it does not fit. */
static __always_inline bool rf_prepend(char *area, __u32 *offset, const void *name, __u32 length)
{
	__u32 at = *offset;

	if (length > 254)
		length = 254;
	if (at < length + 1 || at >= RF_PATH)
		return false;
	at -= length;
	if (bpf_probe_read_kernel(area + (at & (RF_PATH - 1)), length & (RF_PATH - 1), name) < 0)
		return false;
	at -= 1;
	area[at & (RF_PATH - 1)] = '/';
	*offset = at & (RF_PATH - 1);
	return true;
}

/*
 * The path of a struct file as a task sees it. A global function, so that the verifier checks it once a program and not once a caller's
 * state: that is most of the time it takes to load. Global functions take kernel addresses as numbers.
 */
__noinline int rf_write_file_path(struct rf_path_area *area, __u64 file_address, __u64 task_address)
{
	struct file *file = (struct file *)file_address;
	struct task_struct *task = (struct task_struct *)task_address;
	struct vfsmount *root_mount = BPF_CORE_READ(task, fs, root.mnt);
	struct dentry *root_dentry = BPF_CORE_READ(task, fs, root.dentry);
	struct vfsmount *mount = BPF_CORE_READ(file, f_path.mnt);
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	__u32 offset = rf_unknown(RF_PATH - 1);
	__u32 flags = RF_SUB_PATH_CUT;

	if (!area)
		return RF_PATH_END(offset, flags);
	area->text[RF_PATH - 1] = 0;
	for (int step = 0; step < RF_PATH_STEPS; step++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);

		if (dentry == root_dentry && mount == root_mount) {
			flags = 0;
			break;
		}
		if (dentry == BPF_CORE_READ(mount, mnt_root)) {
			struct mount *real = (void *)mount - bpf_core_field_offset(struct mount, mnt);
			struct mount *above = BPF_CORE_READ(real, mnt_parent);

			if (above == real) {
				flags = 0;
				break;
			}
			dentry = BPF_CORE_READ(real, mnt_mountpoint);
			mount = (void *)above + bpf_core_field_offset(struct mount, mnt);
			continue;
		}
		if (!rf_prepend(area->text, &offset, BPF_CORE_READ(dentry, d_name.name), BPF_CORE_READ(dentry, d_name.len)))
			break;
		if (dentry == parent) { /* a file outside every tree: a memfd */
			flags = 0;
			break;
		}
		dentry = parent;
	}
	if (offset == RF_PATH - 1) { /* a file that was mounted on its own, and is not any more: runc does that */
		dentry = BPF_CORE_READ(file, f_path.dentry);
		rf_prepend(area->text, &offset, BPF_CORE_READ(dentry, d_name.name), BPF_CORE_READ(dentry, d_name.len));
	}
	if (BPF_CORE_READ(file, f_inode, i_nlink) == 0)
		flags |= RF_SUB_DELETED;
	return RF_PATH_END(offset, flags);
}

static __always_inline struct kernfs_node *rf_kernfs_parent(struct kernfs_node *node)
{
	struct kernfs_node___before_6_15 *old = (void *)node;

	if (bpf_core_field_exists(node->__parent))
		return BPF_CORE_READ(node, __parent);
	return BPF_CORE_READ(old, parent);
}

/* The path of a struct cgroup below its hierarchy's root; global like the one above. */
__noinline int rf_write_cgroup_path(struct rf_path_area *area, __u64 cgroup_address)
{
	struct cgroup *cgroup = (struct cgroup *)cgroup_address;
	struct kernfs_node *node = BPF_CORE_READ(cgroup, kn);
	char name[RF_CGROUP_NAME] = {};
	__u32 offset = rf_unknown(RF_PATH - 1);
	__u32 flags = RF_SUB_PATH_CUT;

	if (!area)
		return RF_PATH_END(offset, flags);
	area->text[RF_PATH - 1] = 0;
	for (int step = 0; step < RF_CGROUP_STEPS; step++) {
		struct kernfs_node *parent = rf_kernfs_parent(node);
		long length;

		if (!parent) {
			flags = 0;
			break;
		}
		length = bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(node, name));
		if (length < 1 || !rf_prepend(area->text, &offset, name, (length - 1) & (RF_CGROUP_NAME - 1)))
			break;
		node = parent;
	}
	return RF_PATH_END(offset, flags);
}

#endif
