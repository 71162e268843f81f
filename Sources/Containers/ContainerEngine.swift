// SPDX-License-Identifier: Apache-2.0

/// What made a cgroup, as far as its path or the state on disk tells.
package enum ContainerEngine: String, Sendable, CaseIterable {
    case docker
    case podman
    case containerd
    case crio = "cri-o"
    /// A pod's container of which the path alone does not tell the engine (cgroupfs driver); its state does.
    case kubernetes
    case runc
    case crun
    case lxc
    case nspawn = "systemd-nspawn"
    /// A systemd service or scope: no container.
    case systemd
}
