/* SPDX-License-Identifier: Apache-2.0 */
#include "rf_seccomp_data.h"

static const unsigned char docker[] = {
#embed "../../profiles/engines/docker-default.json"
};

static const unsigned char podman[] = {
#embed "../../profiles/engines/podman-default.json"
};

static const unsigned char containerd[] = {
#embed "../../profiles/engines/containerd-default.json"
};

static const unsigned char cves[] = {
#embed "../../profiles/call-cves.conf"
};

static const unsigned char families[] = {
#embed "../../profiles/call-families.conf"
};

static const unsigned char systemd_sets[] = {
#embed "../../profiles/systemd-sets.conf"
};

struct rf_data rf_docker_default(void)
{
	return (struct rf_data){docker, sizeof(docker)};
}

struct rf_data rf_podman_default(void)
{
	return (struct rf_data){podman, sizeof(podman)};
}

struct rf_data rf_containerd_default(void)
{
	return (struct rf_data){containerd, sizeof(containerd)};
}

struct rf_data rf_call_cves(void)
{
	return (struct rf_data){cves, sizeof(cves)};
}

struct rf_data rf_call_families(void)
{
	return (struct rf_data){families, sizeof(families)};
}

struct rf_data rf_systemd_sets(void)
{
	return (struct rf_data){systemd_sets, sizeof(systemd_sets)};
}
