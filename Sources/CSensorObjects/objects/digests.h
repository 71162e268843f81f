/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* e5fe970357ac6cad62637530a32f62ab0ff337e7fe0388a27b54887435061b10  ringfence_x86_64.bpf.o */
/* f2d171406220ad03d5342594e2735612d3158a225f915e5bc29ea235682971ee  ringfence_arm64.bpf.o */
