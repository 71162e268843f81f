/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 992cdba9564db7cfa4fb0a9a7352df64da15813941d41d9f91c4e4caf744bd74  ringfence_x86_64.bpf.o */
/* 4f0398180ec189bd30fc3c293ea3589af19b67a8fe33d1b3b68601790d83d768  ringfence_arm64.bpf.o */
