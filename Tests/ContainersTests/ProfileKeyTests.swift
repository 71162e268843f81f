// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Containers

@Suite("ProfileKey")
struct ProfileKeyTests {
    private func container(
        image: String? = nil, command: [String] = [], labels: [String: String] = [:]
    ) -> ContainerDescription {
        var container = ContainerDescription(id: "id", name: "web", engine: .docker)
        container.image = image
        container.command = command
        container.setLabels(labels)
        return container
    }

    @Test("the label comes before Kubernetes, compose, image and executable")
    func precedence() {
        let compose = ["com.docker.compose.project": "shop", "com.docker.compose.service": "web"]
        let kubernetes = [
            "io.kubernetes.pod.namespace": "prod", "io.kubernetes.pod.name": "web-7d9f8b6c5d-x2x9z",
            "io.kubernetes.container.name": "nginx",
        ]
        let all = compose.merging(kubernetes) { $1 }
        let labelled = all.merging(["ringfence.profile": "mine"]) { $1 }
        #expect(ProfileKey(container(image: "nginx", labels: labelled)).text == "mine")
        #expect(ProfileKey(container(image: "nginx", labels: all)).text == "prod/web/nginx")
        #expect(ProfileKey(container(image: "nginx", labels: compose)).text == "shop/web")
        #expect(ProfileKey(container(image: "nginx:1.27", command: ["/start", "-x"])).text == "nginx /start")
        #expect(ProfileKey(container(command: ["/bin/sleep", "1"])).text == "/bin/sleep")
        #expect(ProfileKey(unit: "nginx.service").rule == .unit)
        #expect(ProfileKey(executable: "/bin/true").text == "/bin/true")
    }

    @Test(
        "a pod's name loses what its controller appended",
        arguments: [
            ("web-7d9f8b6c5d-x2x9z", "web"), ("node-exporter-x2x9z", "node-exporter"), ("redis-0", "redis"),
            ("backup-28412345-bc2df", "backup"), ("web", "web"), ("my-nginx", "my-nginx"), ("db-primary", "db-primary"),
        ])
    func pods(pod: String, workload: String) {
        #expect(ProfileKey.workload(ofPod: pod) == workload)
    }

    @Test(
        "an image reference loses tag and digest and keeps a port",
        arguments: [
            ("nginx", "nginx"), ("nginx:1.27", "nginx"), ("r:5000/a/b", "r:5000/a/b"),
            ("r:5000/a/b:1@sha256:00", "r:5000/a/b"),
        ])
    func images(image: String, repository: String) {
        #expect(ProfileKey.repository(ofImage: image) == repository)
    }
}
