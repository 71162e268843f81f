/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Paths from kernel objects. bpf_d_path is refused in tracepoint programs, so dentries and mounts are walked here,
 * bounded. Text is written backwards from the end of an area of RF_PATH bytes; the caller's area is the first field of
 * a struct with at least RF_PATH more bytes (see RF_PATH), which is what makes the masked writes acceptable.
 */
#ifndef RF_PATHS_H
#define RF_PATHS_H

#include "maps.h"

#define RF_PATH_STEPS 32
#define RF_CGROUP_STEPS 16
#define RF_CGROUP_NAME 128

struct rf_path_end {
	__u32 offset;
	__u32 flags;
};

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

static __noinline int rf_write_file_path(char *area, struct file *file, struct rf_path_end *end)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct vfsmount *root_mount = BPF_CORE_READ(task, fs, root.mnt);
	struct dentry *root_dentry = BPF_CORE_READ(task, fs, root.dentry);
	struct vfsmount *mount = BPF_CORE_READ(file, f_path.mnt);
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	__u32 offset = RF_PATH - 1;
	bool done = false;

	area[RF_PATH - 1] = 0;
	for (int step = 0; step < RF_PATH_STEPS; step++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);

		if (dentry == root_dentry && mount == root_mount) {
			done = true;
			break;
		}
		if (dentry == BPF_CORE_READ(mount, mnt_root)) {
			struct mount *real = (void *)mount - bpf_core_field_offset(struct mount, mnt);
			struct mount *above = BPF_CORE_READ(real, mnt_parent);

			if (above == real) {
				done = true;
				break;
			}
			dentry = BPF_CORE_READ(real, mnt_mountpoint);
			mount = (void *)above + bpf_core_field_offset(struct mount, mnt);
			continue;
		}
		if (!rf_prepend(area, &offset, BPF_CORE_READ(dentry, d_name.name), BPF_CORE_READ(dentry, d_name.len)))
			break;
		if (dentry == parent) { /* a file outside every tree: a memfd */
			done = true;
			break;
		}
		dentry = parent;
	}
	end->offset = offset;
	end->flags = done ? 0 : RF_SUB_PATH_CUT;
	if (BPF_CORE_READ(file, f_inode, i_nlink) == 0)
		end->flags |= RF_SUB_DELETED;
	return 0;
}

static __always_inline struct kernfs_node *rf_kernfs_parent(struct kernfs_node *node)
{
	struct kernfs_node___before_6_15 *old = (void *)node;

	if (bpf_core_field_exists(node->__parent))
		return BPF_CORE_READ(node, __parent);
	return BPF_CORE_READ(old, parent);
}

static __noinline int rf_write_cgroup_path(char *area, struct cgroup *cgroup, struct rf_path_end *end)
{
	struct kernfs_node *node = BPF_CORE_READ(cgroup, kn);
	char name[RF_CGROUP_NAME] = {};
	__u32 offset = RF_PATH - 1;

	area[RF_PATH - 1] = 0;
	end->flags = RF_SUB_PATH_CUT;
	for (int step = 0; step < RF_CGROUP_STEPS; step++) {
		struct kernfs_node *parent = rf_kernfs_parent(node);
		long length;

		if (!parent) {
			end->flags = 0;
			break;
		}
		length = bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(node, name));
		if (length < 1 || !rf_prepend(area, &offset, name, (length - 1) & (RF_CGROUP_NAME - 1)))
			break;
		node = parent;
	}
	end->offset = offset;
	return 0;
}

#endif
