/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 4be1abeeec926e973260d17a632665b81a6d0049e065f466fabae335c36b40e1  ringfence_x86_64.bpf.o */
/* 3a9250d7d30395f0a192d1c2c35442fa41a6f57d198b09150d856ec1c70872d2  ringfence_arm64.bpf.o */
