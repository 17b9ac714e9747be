#!/usr/bin/env python3
"""Writes the event file that our writer is compared with, by TensorBoard's own writer.

    python tools/oracle/tensorboard_events.py testdata/tensorboard/golden.tfevents

Needs the package tensorboard (made with 2.21.0)."""
import base64, pathlib, sys, tempfile
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

OUT = pathlib.Path(sys.argv[1])
TIME = 1700000000.25
PNG = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAADUlEQVR42mP4zwAE/wEHAAH/PX2MSQAAAABJRU5ErkJggg==')

Value, Summary, Event = summary_pb2.Summary.Value, summary_pb2.Summary, event_pb2.Event


def summary(step, **value):
    return Event(wall_time=TIME, step=step, summary=Summary(value=[Value(**value)]))


def plugin(name, content=b''):
    return summary_pb2.SummaryMetadata(plugin_data=dict(plugin_name=name, content=content))


def shape(n):
    return tensor_shape_pb2.TensorShapeProto(dim=[dict(size=n)])


start = plugin_data_pb2.SessionStartInfo(start_time_secs=TIME)
start.hparams['lr'].number_value = 0.003
text = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, tensor_shape=shape(1), string_val=['**größer** als 0'.encode()])
none = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=shape(1), float_val=[0.])
image = Summary.Image(height=1, width=2, colorspace=3, encoded_image_string=PNG)

events = [
    summary(0, tag='train_loss', simple_value=0.),
    summary(1, tag='train_loss', simple_value=0.7),
    summary(300, tag='lr_0', simple_value=-1e-7),
    summary(2**31 + 7, tag='valid_loss', simple_value=float('inf')),
    summary(5, tag='results', image=image),
    summary(0, tag='notes', tensor=text, metadata=plugin('text')),
    summary(0, tag='_hparams_/session_start_info', tensor=none,
            metadata=plugin('hparams', plugin_data_pb2.HParamsPluginData(session_start_info=start).SerializeToString())),
    Event(wall_time=TIME, step=301, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)),
]

with tempfile.TemporaryDirectory() as folder:
    writer = EventFileWriter(folder)
    for event in events: writer.add_event(event)
    writer.close()
    written = next(pathlib.Path(folder).iterdir()).read_bytes()
OUT.parent.mkdir(parents=True, exist_ok=True)
# Without the event that TensorBoard begins a file with: it holds the time and names the writer.
OUT.write_bytes(written[12 + int.from_bytes(written[:8], 'little') + 4:])
