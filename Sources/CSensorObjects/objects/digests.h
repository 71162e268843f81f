/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 033ae4bf0df17d48ced75f81cff68ed4e424b7693fbd8b2bf7f7ecf79a3f5862  ringfence_x86_64.bpf.o */
/* 8ae0a72f86bb0e23b26c031f52ee41ca11b775fa30234568e3bdb05c46ec77f1  ringfence_arm64.bpf.o */
