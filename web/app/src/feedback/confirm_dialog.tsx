import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/Modal.layer.css';
import '@mantine/core/styles/Overlay.layer.css';
import { Button, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './confirm_dialog.module.css';

interface ConfirmDialogProps {
  opened: boolean;
  title: string;
  confirm: string;
  pending: boolean;
  children: ReactNode;
  onCancel: () => void;
  onConfirm: () => void;
}

// Asks before something ends. The button that changes nothing comes first and has the focus.
// Locking the scroll bar would need a <style> element, which the content security policy refuses.
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Modal.Root
      classNames={{ content: classes.content ?? '' }}
      opened={props.opened}
      onClose={props.onCancel}
      centered
      lockScroll={false}
    >
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body className={classes.body}>
          <Modal.Title className={classes.title}>{props.title}</Modal.Title>
          <p>{props.children}</p>
          <div className={classes.buttons}>
            <Button variant="default" data-autofocus onClick={props.onCancel}>
              Cancel
            </Button>
            <Button color="red" loading={props.pending} onClick={props.onConfirm}>
              {props.confirm}
            </Button>
          </div>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
