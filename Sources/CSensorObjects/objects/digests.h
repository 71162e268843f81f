/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 1c4e294ca60b6afc97b3e6933e082a6dd3b881a9926cd739f0c3491a2a99502e  ringfence_x86_64.bpf.o */
/* 979b13827e526bbce31f03e1a7f7683f41c17a093b280c769d4cce625f559f0a  ringfence_arm64.bpf.o */
