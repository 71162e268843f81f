// SPDX-License-Identifier: Apache-2.0

/// What a container is a part of, from labels and annotations that kubelet and compose set.
package enum ContainerWorkload: Equatable, Sendable, CustomStringConvertible {
    case kubernetes(namespace: String, pod: String, container: String)
    case compose(project: String, service: String)

    package var description: String {
        switch self {
        case .kubernetes(let namespace, let pod, let container): "kubernetes \(namespace)/\(pod)/\(container)"
        case .compose(let project, let service): "compose \(project)/\(service)"
        }
    }

    /// The name without what tells one instance from another: a pod's controller, a compose service.
    package var name: String {
        switch self {
        case .kubernetes(_, let pod, _): ProfileKey.workload(ofPod: pod)
        case .compose(_, let service): service
        }
    }

    /// Kubernetes before compose. The spellings are those of the kubelet, containerd's CRI plug-in and compose.
    init?(labels: [String: String]) {
        func first(_ names: String...) -> String? { names.lazy.compactMap { labels[$0] }.first { !$0.isEmpty } }
        if let namespace = first("io.kubernetes.pod.namespace", "io.kubernetes.cri.sandbox-namespace"),
            let pod = first("io.kubernetes.pod.name", "io.kubernetes.cri.sandbox-name")
        {
            // The pod's own pause container carries no container name.
            let container = first("io.kubernetes.container.name", "io.kubernetes.cri.container-name") ?? "POD"
            self = .kubernetes(namespace: namespace, pod: pod, container: container)
        } else if let project = first("com.docker.compose.project", "io.podman.compose.project"),
            let service = first("com.docker.compose.service", "io.podman.compose.service")
        {
            self = .compose(project: project, service: service)
        } else {
            return nil
        }
    }
}
