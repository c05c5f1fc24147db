"""Times one window of I3D in Narrate beside PyTorch and OpenVINO, on the same weights, in one run.

    pip install torch onnx openvino numpy safetensors
    python Sources/Benchmarks/compare_i3d.py --narrate .build/release/narrate --video clip.mp4

All run in float32 on two threads, by turns; the medians over the rounds are printed. PyTorch runs eagerly, its tensors
channels-last; OpenVINO compiles the same network from ONNX. Both have batch normalization folded in, as Narrate has.
The video is only there for `narrate benchmark`; the window that is timed is a blank one.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import numpy as np

MODULES = ["3b", "3c", "4b", "4c", "4d", "4e", "4f", "5b", "5c"]


def network(weights, torch):
    """I3D as a torch module: [1, 3, 64, 224, 224] to logits [1, 400]."""
    F = torch.nn.functional

    def padding(size, kernel, stride):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2

    def same(x, kernel, stride, value=0.0):
        """TensorFlow's SAME padding, which is asymmetric."""
        sides = [padding(x.shape[2 + axis], kernel[axis], stride[axis]) for axis in range(3)]
        flat = [side for pair in reversed(sides) for side in pair]
        return F.pad(x, flat, value=value) if any(flat) else x

    class I3D(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.tensors = torch.nn.ParameterDict(
                {
                    name.replace(".", "_"): torch.nn.Parameter(
                        torch.from_numpy(array.astype(np.float32)), requires_grad=False
                    )
                    for name, array in weights.items()
                }
            )

        def unit(self, x, name, stride=1):
            weight = self.tensors[f"encoder_{name}_weight".replace(".", "_")]
            bias = self.tensors[f"encoder_{name}_bias".replace(".", "_")]
            kernel = weight.shape[2:]
            sides = [padding(x.shape[2 + axis], kernel[axis], stride) for axis in range(3)]
            if all(before == after for before, after in sides):
                x = F.conv3d(x, weight, bias, stride, [before for before, _ in sides])
            else:
                x = F.conv3d(same(x, kernel, [stride] * 3), weight, bias, stride)
            return F.relu(x, inplace=True)

        def pool(self, x, kernel, stride):
            return F.max_pool3d(same(x, kernel, stride, value=-1e30), kernel, stride)

        def forward(self, x):
            x = self.pool(self.unit(x, "conv1a", stride=2), (1, 3, 3), (1, 2, 2))
            x = self.pool(self.unit(self.unit(x, "conv2b"), "conv2c"), (1, 3, 3), (1, 2, 2))
            for module in MODULES:
                if module == "4b":
                    x = self.pool(x, (3, 3, 3), (2, 2, 2))
                if module == "5b":
                    x = self.pool(x, (2, 2, 2), (2, 2, 2))
                name = f"mixed{module}.branch"
                x = torch.cat(
                    [
                        self.unit(x, name + "0"),
                        self.unit(self.unit(x, name + "1.reduce"), name + "1"),
                        self.unit(self.unit(x, name + "2.reduce"), name + "2"),
                        self.unit(self.pool(x, (3, 3, 3), (1, 1, 1)), name + "3"),
                    ],
                    dim=1,
                )
            x = F.avg_pool3d(x, (2, 7, 7), 1).mean(dim=(2, 3, 4))
            return F.linear(x, self.tensors["classifier_weight"], self.tensors["classifier_bias"])

    return I3D().eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--narrate", default=".build/release/narrate")
    parser.add_argument("--model", default="models/action-kinetics400")
    parser.add_argument("--video", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()

    import openvino
    import torch
    from safetensors.numpy import load_file

    torch.set_num_threads(arguments.threads)
    module = network(load_file(os.path.join(arguments.model, "model.safetensors")), torch)
    x = torch.randn(1, 3, 64, 224, 224)
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        path = os.path.join(folder, "i3d.onnx")
        torch.onnx.export(module, (x,), path, dynamo=False, input_names=["clip"])
        core = openvino.Core()
        settings = {
            "INFERENCE_NUM_THREADS": arguments.threads,
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
        }
        compiled = core.compile_model(core.read_model(path), "CPU", settings)
        request = compiled.create_infer_request()
        module = module.to(memory_format=torch.channels_last_3d)
        frames = x.to(memory_format=torch.channels_last_3d)

        found, expected = request.infer({0: x.numpy()})[0], module(frames).numpy()
        error = np.abs(found - expected).max() / np.abs(expected).max()
        print(f"PyTorch and OpenVINO differ by {error:.1e} of the largest logit")

        times = {"PyTorch": [], "OpenVINO": [], "Narrate": []}
        for _ in range(arguments.rounds):
            start = time.perf_counter()
            module(frames)
            times["PyTorch"].append(time.perf_counter() - start)
            start = time.perf_counter()
            request.infer({0: x.numpy()})
            times["OpenVINO"].append(time.perf_counter() - start)
            command = [arguments.narrate, "benchmark", "--video", arguments.video, "--model", arguments.model]
            command += ["--rounds", "3", "--threads", str(arguments.threads), "--format", "json"]
            report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            times["Narrate"].append(report["label_window_seconds"])
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:9} {median:7.3f} s a window   {median / medians['Narrate']:5.2f} of Narrate's")


if __name__ == "__main__":
    main()
