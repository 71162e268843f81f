/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 8c761a475f83566662b8981090119a21ef0bfaaf1a9012572390ed9727be2764  ringfence_x86_64.bpf.o */
/* 9eee317304c60c28d762733617b8e9348836e913a243d0fa50a73231d54f86d0  ringfence_arm64.bpf.o */
