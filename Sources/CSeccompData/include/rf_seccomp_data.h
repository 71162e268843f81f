/* SPDX-License-Identifier: Apache-2.0 */
/* Files of profiles/ that the tool carries inside, so that it needs none of them at run time. */
#ifndef RF_SECCOMP_DATA_H
#define RF_SECCOMP_DATA_H

#include <stddef.h>

/* A file's bytes, which live as long as the program. */
struct rf_data {
	const unsigned char *bytes;
	size_t size;
};

struct rf_data rf_docker_default(void);
struct rf_data rf_podman_default(void);
struct rf_data rf_containerd_default(void);
struct rf_data rf_call_cves(void);
struct rf_data rf_call_families(void);
struct rf_data rf_systemd_sets(void);

#endif
