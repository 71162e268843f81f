/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 6519d6a13a369c621b1da73b39736e2ee45af5dcd628ab46cbb54d3d3b30e3bb  ringfence_x86_64.bpf.o */
/* d17d22c9742449b9ac165391b5398b44a4997d9c89e73c4a52ff4719efcf3365  ringfence_arm64.bpf.o */
